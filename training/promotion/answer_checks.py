"""Whether the challenger answers as when it was made, of real data, quickly and in little room."""

from __future__ import annotations

from models.bundle import Bundle
from models.bundle_encoding import encode_bundle
from models.compiled import CompiledBundle
from models.errors import ModelsError
from models.golden import check_golden
from training.promotion.decision import Check
from training.promotion.latency import MeasuredLatency
from training.promotion.questions import Question, unknown

MEGABYTE = 1_000_000


def check_golden_answers(asked: Question) -> Check:
    """Golden answers, given again by the tables and by what the service answers with."""
    needed = "the golden answers to 1e-6, from the tables and from the compiled bundle"
    found, passed = "both give them again", True
    try:
        check_golden(asked.challenger)
        CompiledBundle(asked.challenger).check_golden()
    except ModelsError as error:
        found, passed = error.found.removesuffix("."), False
    name = "golden_answers"
    return asked.answer(name, "never_overruled", passed=passed, found=found, needed=needed)


def check_real_data(asked: Question) -> Check:
    """Keep a bundle of simulated data out of the place of one of real data."""
    challenger, champion = asked.challenger, asked.champion
    kind = "simulated" if challenger.simulated else "measured"
    before = "" if champion is None else f", champion {_kind(champion)}"
    return Check(
        "real_data",
        passed=not challenger.simulated or champion is None or champion.simulated,
        found=f"{kind} ({challenger.cohort}){before}",
        needed="measured data where the champion has them",
        reason="Nothing that was learned from simulated data says anything about a drug.",
    )


def check_drill(drill: str | None) -> Check:
    """Keep what was made to try the gate from ever being served.

    Parameters
    ----------
    drill
        Kind of fire drill that the version is; None where it is none.
    """
    return Check(
        "drill",
        passed=drill is None,
        found="none" if drill is None else f"a fire drill ({drill})",
        needed="a version that was trained to be used",
        reason="A fire drill tries the gate: what it learned is wrong on purpose.",
    )


def check_latency(asked: Question, measured: MeasuredLatency | None) -> Check:
    """Median of one answer, at most, and against the champion's."""
    policy = asked.policy
    needed = (
        f"{policy.latency_ms:g} ms at most; above {policy.latency_unnoticed_ms:g} ms, "
        f"{policy.latency_ratio:g} times the champion's at most"
    )
    if measured is None:
        return unknown("latency", "nobody measured it", needed=needed)
    ours, theirs = measured.challenger_ms, measured.champion_ms
    ratio = 0.0 if theirs is None else ours / max(theirs, 1e-6)
    before = "" if theirs is None else f", champion {theirs:.2f} ms ({ratio:.2f} times)"
    return asked.answer(
        "latency",
        "latency_ratio",
        passed=ours <= policy.latency_ms
        and (ours < policy.latency_unnoticed_ms or ratio <= policy.latency_ratio),
        found=f"{ours:.2f} ms for {measured.n_drugs} drugs{before}",
        needed=needed,
    )


def check_size(asked: Question) -> Check:
    """Bytes that answer, at most, and against the champion's."""
    policy = asked.policy
    ours = bundle_bytes(asked.challenger)
    theirs = None if asked.champion is None else bundle_bytes(asked.champion)
    ratio = 0.0
    before = ""
    if asked.champion is not None and theirs is not None:
        ratio = (ours / len(asked.challenger.drugs)) / (theirs / len(asked.champion.drugs))
        before = f", champion {theirs / MEGABYTE:.1f} MB ({ratio:.2f} times a drug)"
    return asked.answer(
        "size",
        "size_ratio",
        passed=ours <= policy.size_mb * MEGABYTE and ratio <= policy.size_ratio,
        found=f"{ours / MEGABYTE:.1f} MB{before}",
        needed=f"{policy.size_mb:g} MB at most, a drug {policy.size_ratio:g} times the champion's",
    )


def bundle_bytes(bundle: Bundle) -> int:
    """Bytes of a bundle's files, without boosters, which answer nothing."""
    return sum(len(raw) for raw in encode_bundle(bundle, {}).values())


def _kind(bundle: Bundle) -> str:
    return "simulated" if bundle.simulated else "measured"
