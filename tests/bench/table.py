"""Tables: many runs of several contestants become one line each, with medians, spread and ratios, and the targets are
held against them. The same figures go out as text and as JSON."""

import statistics
from dataclasses import asdict, dataclass, field

GIB = 1 << 30
SMALLEST = 1 << 20  # Processes that never held more, such as shells, are only in the JSON.
OWRD, PEER, LIMIT = "owrd", "peer", "limit"


@dataclass
class Run:
    """One contestant's run. `values` holds further figures that the table shows by name."""
    name: str
    role: str
    size: int = 0  # bytes that the job was about; 0 where speed is not the question
    cost: object = None
    values: dict = field(default_factory=dict)
    copies: int = 1  # of those bytes that the job made: CPU-s/GiB is by copy


@dataclass
class Line:
    """What all runs of one contestant come to. Speeds are in MB/s (millions of bytes)."""
    name: str
    role: str
    runs: int
    seconds: float = None
    speed: float = None
    slowest: float = None
    fastest: float = None
    cpu_per_gib: float = None
    cores: float = None
    to_best_peer: float = None
    to_limit: float = None
    cpu_to_best_peer: float = None
    memory: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)


@dataclass
class Target:
    """What a figure should be. `measured` is None where it could not be measured; `note` then says why."""
    text: str
    measured: float = None
    at_least: float = None
    at_most: float = None
    unit: str = "x"
    note: str = ""

    def is_met(self):
        """True, False, or None when nothing was measured."""
        if self.measured is None:
            return None
        return ((self.at_least is None or self.measured >= self.at_least)
                and (self.at_most is None or self.measured <= self.at_most))

    def __str__(self):
        wanted = f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"
        verdict = {True: "met", False: "MISSED", None: "not measured"}[self.is_met()]
        figure = "-" if self.measured is None else f"{self.measured:.2f}{self.unit}"
        note = f" ({self.note})" if self.note else ""
        return f"{verdict:13} {figure:>10}  {self.text}: {wanted}{self.unit}{note}"


def ratio(one, other):
    """None where there is nothing to divide."""
    return one / other if one is not None and other else None


def merged_peaks(runs):
    """The highest of all runs: "role program" -> {pss, anonymous}."""
    highest = {}
    for run in runs:
        for role, programs in (run.cost.peaks if run.cost else {}).items():
            for program, peak in programs.items():
                known = highest.setdefault(f"{role} {program}", {"pss": 0, "anonymous": 0})
                known["pss"] = max(known["pss"], peak.pss)
                known["anonymous"] = max(known["anonymous"], peak.anonymous)
    return highest


def median_values(runs):
    names = dict.fromkeys(name for run in runs for name in run.values)
    return {name: statistics.median(run.values[name] for run in runs if name in run.values) for name in names}


def line_of(runs):
    line = Line(runs[0].name, runs[0].role, len(runs), memory=merged_peaks(runs), values=median_values(runs))
    timed = [run for run in runs if run.cost and run.cost.seconds > 0]
    if not timed:
        return line
    line.seconds = statistics.median(run.cost.seconds for run in timed)
    counted = [run for run in timed if run.cost.cpu_seconds]
    if counted:
        line.cores = statistics.median(run.cost.total_cpu() / run.cost.seconds for run in counted)
    sized = [run for run in timed if run.size]
    if sized:
        speeds = [run.size / run.cost.seconds / 1e6 for run in sized]
        line.speed, line.slowest, line.fastest = statistics.median(speeds), min(speeds), max(speeds)
        counted = [run for run in sized if run.cost.cpu_seconds]
        if counted:
            line.cpu_per_gib = statistics.median(run.cost.total_cpu() / run.size / run.copies * GIB for run in counted)
    return line


class Table:
    """One topic, or one part of it."""

    def __init__(self, title, runs, limit=None, notes=()):
        """`limit` names the line that the others are held against, if any."""
        self.title, self.notes = title, list(notes)
        by_name = {}
        for run in runs:
            by_name.setdefault(run.name, []).append(run)
        self.lines = [line_of(each) for each in by_name.values()]
        self.limit = limit
        self.targets = []
        peers = [line for line in self.lines if line.role == PEER]
        best = max((line.speed for line in peers if line.speed), default=None)
        ceiling = self.line(limit).speed if limit and self.line(limit) else None
        cheapest = min((line.cpu_per_gib for line in peers if line.cpu_per_gib), default=None)
        for line in self.lines:
            line.to_best_peer, line.to_limit = ratio(line.speed, best), ratio(line.speed, ceiling)
            line.cpu_to_best_peer = ratio(line.cpu_per_gib, cheapest)

    def line(self, name):
        return next((line for line in self.lines if line.name == name), None)

    def compare(self, figure, name, other):
        """One line's figure divided by another's; None where either is missing."""
        one, two = self.line(name), self.line(other)
        return ratio(getattr(one, figure), getattr(two, figure)) if one and two else None

    def hold(self, target):
        self.targets.append(target)

    def as_record(self):
        return {"title": self.title, "limit": self.limit, "notes": self.notes, "lines": [asdict(x) for x in self.lines],
                "targets": [asdict(target) | {"met": target.is_met()} for target in self.targets]}

    def __str__(self):
        parts = [f"== {self.title}"]
        if any(line.seconds for line in self.lines):
            parts += ["", *columns(self._speed_rows())]
        values = self._value_rows()
        if len(values) > 1:
            parts += ["", *columns(values)]
        memory = self._memory_rows()
        if len(memory) > 1:
            parts += ["", *columns(memory)]
        parts += [""] if self.targets else []
        parts += [f"  {target}" for target in self.targets]
        parts += [f"  note: {note}" for note in self.notes]
        return "\n".join(parts)

    def _speed_rows(self):
        rows = [["", "runs", "seconds", "MB/s", "spread", "to best peer", "to limit", "CPU-s/GiB", "to best peer",
                 "cores"]]
        for line in self.lines:
            if line.seconds is None:
                continue
            spread = f"{line.slowest:.0f}-{line.fastest:.0f}" if line.speed else ""
            limit = "the limit" if line.name == self.limit else number(line.to_limit)
            rows.append([line.name, str(line.runs), number(line.seconds), number(line.speed, 0), spread,
                         number(line.to_best_peer), limit, number(line.cpu_per_gib), number(line.cpu_to_best_peer),
                         number(line.cores)])
        return rows

    def _value_rows(self):
        names = list(dict.fromkeys(name for line in self.lines for name in line.values))
        return [["", *names]] + [[line.name, *(number(line.values.get(name)) for name in names)]
                                 for line in self.lines if line.values]

    def _memory_rows(self):
        rows = [["peak memory, MB", "process", "PSS", "anonymous"]]
        for line in self.lines:
            for process, peak in line.memory.items():
                if peak["pss"] < SMALLEST:
                    continue
                rows.append([line.name, process, number(peak["pss"] / 1e6, 0), number(peak["anonymous"] / 1e6, 0)])
        return rows


def number(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def columns(rows):
    """Rows of text, the first column to the left and all others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  " + "  ".join(cell.ljust(width) if at == 0 else cell.rjust(width)
                             for at, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
