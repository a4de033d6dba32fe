"""Approvals from a file that was exported, for answers without a service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from serving.errors import ServingError
from serving.reviews.approvals import Approval
from serving.reviews.standing import BundleStanding
from serving.reviews.words import ApprovalState

if TYPE_CHECKING:
    from models.bundle import Bundle


class ApprovalsFileError(ServingError):
    """A file that holds no approvals, or those of another bundle."""


@dataclass(frozen=True, slots=True)
class ApprovalsFile:
    """What `cupromark reviews export` and GET /v1/reviews/export wrote about a bundle.

    Attributes
    ----------
    bundle_sha256
        The bundle that was reviewed.
    approvals
        Drug -> approval.
    source
        Name of the file.
    """

    bundle_sha256: str
    approvals: Mapping[str, Approval]
    source: str

    def standing(self, bundle: Bundle) -> BundleStanding:
        """Tell where the drugs of a bundle stand.

        Raises
        ------
        ApprovalsFileError
            The file is about another bundle.
        """
        if bundle.sha256 != self.bundle_sha256:
            raise ApprovalsFileError(
                f"{self.source} holds the reviews of bundle {self.bundle_sha256[:12]}, and "
                f"{bundle.sha256[:12]} answers.",
                needed="the reviews of the bundle that answers.",
                remedy="export them: `cupromark reviews export --bundle VERSION --out FILE.json`.",
            )
        statuses = {model.drug: str(model.status) for model in bundle.drugs.values()}
        return BundleStanding(self.approvals, statuses)


def read_approvals(path: Path) -> ApprovalsFile:
    """Read an export in JSON.

    Raises
    ------
    ApprovalsFileError
        It cannot be read, or is something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        approvals = {
            str(one["drug"]): _known(Approval.from_json(one["approval"]))
            for one in content["drugs"]
        }
        return ApprovalsFile(str(content["bundle_sha256"]), approvals, path.name)
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be read") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(path, "it is no export of reviews in JSON") from error


def _known(approval: Approval) -> Approval:
    if approval.state not in get_args(ApprovalState):
        raise ValueError("a state of an approval")
    return approval


def _unusable(path: Path, why: str) -> ApprovalsFileError:
    return ApprovalsFileError(
        f"The approvals in {path.name} cannot be used: {why}.",
        needed="what `cupromark reviews export --out FILE.json` wrote.",
        remedy="export the reviews of the bundle again.",
    )
