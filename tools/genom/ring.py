"""ring.py - the ring: every token has one of 1,000,000 positions; a quadrant is a quarter of them.

    quadrant  [ sector | sector | … | arcs without a meaning … ]

Inside a sector similar words stand close: it is halved along its longest axis again and again, each half turned so that
it looks at its neighbours. Words of an arc without a meaning stand in the order of their spelling. The largest such arcs
fill up what the sectors leave of a quadrant; one that does not fit into a quadrant goes on in the next with room ("german 2").
"""
import struct

import numpy as np

import forms

QUADRANTS = 4
LEAF, STEPS, ONE = 24, 24, 1 << 14


def main_axis(rows):
    """The direction in which the rows differ most, by power iteration on integers."""
    centred = rows - rows.sum(axis=0) // len(rows)
    spread = centred.T @ centred
    axis = spread[int(np.diagonal(spread).argmax())].copy()
    for _ in range(STEPS):
        most = int(np.abs(axis).max())
        if most == 0:
            return axis
        axis = (axis >> max(0, most.bit_length() - 40)) * ONE // max(1, most >> max(0, most.bit_length() - 40))
        axis = spread @ axis
    most = int(np.abs(axis).max())
    shift = max(0, most.bit_length() - 20)
    return axis >> shift


def arrange(places, rows, left, right):
    """Places in an order in which neighbours are alike. left, right: what stands on either side (vectors)."""
    axis = main_axis(rows[places])
    if int((left - right) @ axis) > 0:
        axis = -axis
    order = places[np.argsort(rows[places] @ axis, kind="stable")]
    if len(places) <= LEAF:
        return [order]
    half = len(order) // 2
    low, high = order[:half], order[half:]
    low_mean, high_mean = rows[low].sum(axis=0) // len(low), rows[high].sum(axis=0) // len(high)
    return arrange(low, rows, left, high_mean) + arrange(high, rows, low_mean, right)


def plan(counts, names, room):
    """[(name, sector, quadrant, count)] in order of the ring. counts: tokens by sector."""
    arcs = [[] for _ in range(QUADRANTS)]
    left = [room] * QUADRANTS
    for sector, (name, quadrant) in enumerate(names):
        if quadrant is not None and counts[sector]:
            arcs[quadrant - 1].append((name, sector, quadrant, counts[sector]))
            left[quadrant - 1] -= counts[sector]
    if min(left) < 0:
        raise SystemExit("genom: the sectors of a quadrant do not fit into it")
    free = [(counts[sector], -sector) for sector, (_, quadrant) in enumerate(names) if quadrant is None and counts[sector]]
    for count, sector in sorted(free, reverse=True):
        part = 1
        while count:
            quadrant = max(range(QUADRANTS), key=lambda q: (left[q], -q))
            take = min(count, left[quadrant])
            name = names[-sector][0] + (f" {part}" if part > 1 else "")
            arcs[quadrant].append((name, -sector, quadrant + 1, take))
            left[quadrant] -= take
            count -= take
            part += 1
    return [arc for quadrant in arcs for arc in quadrant]


def order_of_meaning(members, rank, rows):
    """Ids of each sector with a meaning, in ring order; rank[id]: row of its vector. Those without a vector come last."""
    groups = [np.array([rank[number] for number in ids if number in rank], dtype=np.int64) for ids in members]
    means = [rows[group].sum(axis=0) // len(group) if len(group) else np.zeros(rows.shape[1], dtype=np.int64) for group in groups]
    number_of = {row: number for number, row in rank.items()}
    found = []
    for i, (ids, group) in enumerate(zip(members, groups)):
        parts = arrange(group, rows, means[i - 1], means[(i + 1) % len(groups)]) if len(group) else []
        found.append([number_of[row] for part in parts for row in part.tolist()] + [number for number in ids if number not in rank])
    return found


class Ring:
    """ids: by position; arcs: [(name, quadrant, first position, count)]; arc_of: by id."""

    def __init__(self, tokens, sectors, rank, rows):
        members = [[] for _ in sectors.names]
        for number, sector in enumerate(sectors.of):
            members[sector].append(number)
        arranged = order_of_meaning(members[:sectors.meaningful], rank, rows)
        for ids in members[sectors.meaningful:]:
            arranged.append(sorted(ids, key=lambda number: (tokens[number].cls, len(tokens[number].form) if
                                                            tokens[number].cls == forms.NUMBER else 0, tokens[number].form)))
        self.ids, self.arcs, self.arc_of = [], [], [0] * len(tokens)
        used = [0] * len(sectors.names)
        for name, sector, quadrant, count in plan([len(ids) for ids in members], sectors.names, len(tokens) // QUADRANTS):
            taken = arranged[sector][used[sector]:used[sector] + count]
            used[sector] += count
            for number in taken:
                self.arc_of[number] = len(self.arcs)
            self.arcs.append((name, quadrant, len(self.ids), count))
            self.ids += taken

    def sections(self):
        position = [0] * len(self.ids)
        for at, number in enumerate(self.ids):
            position[number] = at
        n = len(position)
        return {"POSN": struct.pack(f"<{n}I", *position), "RING": struct.pack(f"<{n}I", *self.ids), "SECT": bytes(self.arc_of),
                "ARCS": b"".join(struct.pack("<20sIII", name.encode(), *rest) for name, *rest in self.arcs)}
