"""Rounds: contestants take turns, A B C A B C, so that what else the machine does hits all alike."""

import time


class Clock:
    """Bounds the time of a topic: no round begins that would, going by the longest before, end too late."""

    def __init__(self, seconds, now=time.monotonic):
        self.now = now
        self.end = now() + seconds

    def rounds(self, count):
        """Counts rounds from 0; the first is always given."""
        longest = 0.0
        for each in range(count):
            begin = self.now()
            if each and begin + longest >= self.end:
                return
            yield each
            longest = max(longest, self.now() - begin)

    def left(self):
        return max(0.0, self.end - self.now())


def interleaved(clock, count, contestants, run):
    """Lets each contestant run once in each round; `run` gives its Run, or None when it is not there."""
    runs = []
    for _ in clock.rounds(count):
        for contestant in contestants:
            done = run(contestant)
            if done:
                runs.append(done)
    return runs
