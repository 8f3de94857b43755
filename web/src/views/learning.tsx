/* The tray of files being learned, file by file, with what went wrong beside each. */

import type { Signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { left_s, number, percent, plural } from '../format.ts';
import { icons } from '../icons.tsx';
import { cancelLearning, clearLearned, isOver, learning, type LearnItem } from '../learn.ts';

const ERRORS_SHOWN = 20;

function heading(items: LearnItem[]): string {
  const running = items.filter((i) => !isOver(i)).length;
  if (running > 0) return `Learning ${plural(running, 'item')}`;
  const failed = items.filter((i) => i.state === 'failed').length;
  const done = items.filter((i) => i.state === 'done').length;
  if (failed > 0) return done > 0 ? `${number(done)} learned, ${number(failed)} not` : `${plural(failed, 'item')} not learned`;
  return done > 0 ? 'Learned' : 'Nothing learned';
}

export function LearningTray(): JSX.Element | null {
  const items = learning.value;
  const [folded, setFolded] = useState(false);
  if (items.length === 0) return null;
  const all = items.map((i) => i.value);
  const over = all.every(isOver);
  return (
    <section class="tray" aria-label="Learning">
      <header>
        <h2>{heading(all)}</h2>
        <button type="button" class={folded ? 'icon-button small fold folded' : 'icon-button small fold'} aria-expanded={!folded} aria-label={folded ? 'Show the list' : 'Hide the list'} onClick={() => setFolded(!folded)}>
          {icons.chevron}
        </button>
        {over ? <button type="button" class="icon-button small" aria-label="Close the list" onClick={clearLearned}>{icons.close}</button> : null}
      </header>
      {folded ? null : <ul tabIndex={0}>{items.map((i) => <TrayItem key={i.peek().key} item={i} />)}</ul>}
    </section>
  );
}

function stage(item: LearnItem): string {
  if (isOver(item)) return item.note;
  if (item.state === 'queued') return 'Waiting';
  if (item.state === 'sending') return `Sending, ${percent(item.progress ?? 0, 1)} %`;
  const job = item.job;
  if (!job) return 'Waiting for the server';
  if (job.waiting) return `Waiting: ${job.waiting}`;
  if (job.files_total > 1) {
    const left = job.eta_s > 0 ? `, ${left_s(job.eta_s)} left` : '';
    return `${number(job.files_done)} of ${number(job.files_total)} files${left}`;
  }
  return 'Reading';
}

function TrayItem({ item }: { item: Signal<LearnItem> }): JSX.Element {
  const i = item.value;
  const over = isOver(i);
  const errors = i.job && i.job.files_total > 1 ? i.job.errors : [];
  return (
    <li class={'tray-item ' + i.state}>
      <div class="tray-line">
        <b dir="auto" title={i.name}>{i.name}</b>
        {over ? <span class="tray-sign">{i.state === 'done' ? icons.check : icons.warn}</span> : (
          <button type="button" class="icon-button small" aria-label={`Cancel ${i.name}`} title="Cancel" onClick={() => cancelLearning(item)}>{icons.close}</button>
        )}
      </div>
      <small>{stage(i)}</small>
      {over ? null : i.progress === null ? <progress aria-label={i.name} /> : <progress aria-label={i.name} value={i.progress} max={1} />}
      {errors.length > 0 ? (
        <details>
          <summary>{plural(errors.length, 'problem')}</summary>
          <ul>{errors.slice(0, ERRORS_SHOWN).map((e, k) => <li key={k}><span dir="auto">{e.document}</span> <em>{e.error}</em></li>)}</ul>
        </details>
      ) : null}
    </li>
  );
}
