/* Tables as CSV by RFC 4180. Pure.
 *
 * Spreadsheets run what begins with one of = + - @ (of full width too) as a formula, also behind a tab or a line's end, so
 * text that does gets an apostrophe in front. Numbers stay numbers. */

export type Cell = string | number | boolean | null | undefined;

function field(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = String(value);
  const safe = /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(rows: Cell[][]): string {
  return rows.map((row) => row.map(field).join(',') + '\r\n').join('');
}

/* Gives the browser a file to save. */
export function download(name: string, text: string): void {
  /* The mark tells spreadsheets that this is UTF-8. */
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
