"""A square plot of shares, 0 to 1 each way, as SVG. Only the standard library is used."""

SIZE, LEFT, TOP = 360, 60, 20
COLOURS = ["#4c78a8", "#e45756", "#72b7b2", "#b279a2", "#9d755d"]


class Plot:
    def __init__(self, across, up):
        """What the two axes are of."""
        middle = TOP + SIZE / 2
        self.out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE + 80}" height="{SIZE + 70}" font-family="sans-serif" font-size="12">',
            f'<rect width="{SIZE + 80}" height="{SIZE + 70}" fill="#fff"/>',
            f'<rect x="{LEFT}" y="{TOP}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#999"/>',
            f'<text x="{LEFT + SIZE / 2}" y="{SIZE + 56}" text-anchor="middle">{across}</text>',
            f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">{up}</text>']
        for tenth in range(0, 11, 2):
            x, y = self.at(tenth / 10, tenth / 10)
            self.out += [f'<text x="{x:.0f}" y="{SIZE + 36}" text-anchor="middle">{tenth / 10}</text>',
                         f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{tenth / 10}</text>']

    @staticmethod
    def at(x, y):
        return LEFT + x * SIZE, TOP + (1 - y) * SIZE

    def dashes(self, *points):
        self.out.append(f'<polyline points="{self.path(points)}" fill="none" stroke="#bbb" stroke-dasharray="4"/>')

    def line(self, points, colour):
        self.out.append(f'<polyline points="{self.path(points)}" fill="none" stroke="{colour}" stroke-width="1.5"/>')

    def dot(self, x, y, colour, radius=4.0):
        cx, cy = self.at(x, y)
        self.out.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity=".6"/>')

    def legend(self, texts, x=.03, y=.95):
        """(text, colour), one below the other from (x, y) on."""
        left, top = self.at(x, y)
        for i, (text, colour) in enumerate(texts):
            self.out.append(f'<text x="{left:.0f}" y="{top + 16 * i:.0f}" fill="{colour}">{text}</text>')

    def path(self, points):
        return " ".join("{:.1f},{:.1f}".format(*self.at(x, y)) for x, y in points)

    def write(self, path):
        path.write_text("\n".join([*self.out, "</svg>", ""]), encoding="utf-8")
