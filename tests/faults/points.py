"""Where a write can be interrupted. Names and meanings only; ambush carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Point(StrEnum):
    """One place of one write; the first four kill the operator, the others leave it running."""

    LOST = "a"
    LATE = "b"
    REPLY = "c"
    STATUS = "d"
    STATUS_LOST = "e"
    STATUS_ANSWER_LOST = "f"
    REPLY_CUT = "g"
    REQUEST_CUT = "h"
    STORED = "k"
    CONFLICT = "n"


MEANING = {
    Point.LOST: "kill -9; the intent is stored, the request never reaches the cloud",
    Point.LATE: "kill -9; the request has left and is committed late, after the next start has looked",
    Point.REPLY: "kill -9; the request is committed, the reply is lost",
    Point.STATUS: "kill -9; the reply was received, the status write after it is not sent",
    Point.STATUS_LOST: "no kill; the status write after the reply is dropped four times before it is stored",
    Point.STATUS_ANSWER_LOST: "no kill; the status write after the reply is stored, its answer is dropped",
    Point.REPLY_CUT: "no kill; the request is committed, the connection ends without a reply",
    Point.REQUEST_CUT: "no kill; the connection ends before the request reaches the cloud",
    Point.STORED: "kill -9 after every third status or finalizer write, stored but not answered, ten times at most",
    Point.CONFLICT: "no kill; the object is changed by somebody else just before each second status write",
}
KILLS = (Point.LOST, Point.LATE, Point.REPLY, Point.STATUS)
# Not tied to a write to the cloud; one run of each scenario.
NOISE = (Point.STORED, Point.CONFLICT)
# Without a kill they cost little, so all writes of a scenario are hit in one run.
GENTLE = (Point.STATUS_LOST, Point.STATUS_ANSWER_LOST, Point.REPLY_CUT, Point.REQUEST_CUT)


@dataclass(frozen=True, slots=True, order=True)
class WriteKey:
    """One write of a scenario: what it says, and the how manieth of its sort it is, from 1."""

    text: str
    ordinal: int

    def __str__(self) -> str:
        return self.text if self.ordinal == 1 else f"{self.text} #{self.ordinal}"


@dataclass(frozen=True, slots=True, order=True)
class Shot:
    """One interruption."""

    write: WriteKey
    point: Point

    def __str__(self) -> str:
        return f"{self.point.value} at {self.write}"
