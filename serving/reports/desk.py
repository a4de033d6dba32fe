"""`ReportDesk`: finds or makes the files of a report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from pathlib import Path

import orjson

from models.reports.ledger_file import kept_ledger
from models.store_place import is_address
from serving.bundles.choice import FolderChoice, parse_choice
from serving.bundles.served import ServedBundle
from serving.errors import NotReadyError
from serving.reports.kept import KeptReports
from serving.reports.making import Making
from serving.reports.orders import NAMES, Part, ReportOrder
from serving.reports.record import SCHEMA_VERSION
from serving.settings import ServingSettings


class ReportDesk:
    """Gives files of reports; each is made once, however many ask at the same time.

    Parameters
    ----------
    settings
        Of this process.
    references
        Source of data -> how it is cited.
    making
        Has reports made; its own by default.
    """

    def __init__(
        self,
        settings: ServingSettings,
        *,
        references: Mapping[str, str] | None = None,
        making: Making | None = None,
    ) -> None:
        self._settings = settings
        self._references = dict(references or {})
        self._making = making or Making()
        self._kept = KeptReports(settings.state / "reports", most_bytes=settings.report_cache_bytes)
        self._code = installed_version("cupromark")

    def file(self, served: ServedBundle, drug: str, name: str) -> bytes:
        """Read a file of a report, made first where it is not there. It may take seconds.

        Parameters
        ----------
        drug
            Name in the bundle.
        name
            One of `serving.reports.orders.NAMES`.

        Raises
        ------
        BundleError
            The bundle on disk must not be used any more.
        NotAcceptableError
            There is nothing here that prints PDF.
        NotReadyError
            It cannot be made now.
        """
        part = next(part for part, names in NAMES.items() if name in names)
        ledger = self._ledger(served)
        key = self._key(served, drug, ledger)
        if not self._kept.has(key, name):
            order = self._order(served, drug, ledger, part, key)
            self._making.make(order, is_made=lambda: self._kept.has(key, name))
            self._kept.make_room(key)
        return self._read(key, name)

    def tag(self, served: ServedBundle, drug: str) -> str:
        """Text that changes whenever the report may have."""
        return self._key(served, drug, self._ledger(served))

    def _read(self, key: str, name: str) -> bytes:
        try:
            return (self._kept.folder_of(key) / name).read_bytes()
        except OSError as error:
            raise NotReadyError(
                "The report was made, and cannot be read.",
                needed="a folder of state that can be written and read.",
                remedy="ask again; if it happens once more, look at the disk.",
            ) from error

    def _order(
        self, served: ServedBundle, drug: str, ledger: Path | None, part: Part, key: str
    ) -> ReportOrder:
        return ReportOrder(
            folder=str(self._folder(served)),
            sha256=served.sha256,
            version=served.version,
            drug=drug,
            ledger=None if ledger is None else str(ledger.resolve()),
            references=self._references,
            part=part,
            out=str(self._kept.folder_of(key).resolve()),
        )

    def _folder(self, served: ServedBundle) -> Path:
        choice = parse_choice(self._settings.bundle)
        if isinstance(choice, FolderChoice):
            return choice.folder
        return self._settings.cache_folder.expanduser().resolve() / served.sha256

    def _ledger(self, served: ServedBundle) -> Path | None:
        store = self._settings.store
        return None if is_address(store) else kept_ledger(Path(store), cohort=served.bundle.cohort)

    def _key(self, served: ServedBundle, drug: str, ledger: Path | None) -> str:
        told = None if ledger is None else hashlib.sha256(ledger.read_bytes()).hexdigest()
        follows = [served.sha256, served.version, drug, told, self._code, SCHEMA_VERSION]
        parts = [*follows, sorted(self._references.items())]
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()
