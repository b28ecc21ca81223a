"""What the playground offers: models named by hand, and every registered version of both families, champions first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioner.config import Params
from bioner.errors import ModelError
from bioner.project import tracking_uri
from bioner.tracking.registry import CHAMPION, Version, families, versions

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be chosen.

    Attributes:
        reference: what is loaded; of a registered model it has the version: an alias that moves changes nothing.
        group: the name of the registered model; empty of a model named by hand.
        version: its version, likewise.
        aliases: champion, challenger, ...
        strict_f1: on its test documents, where known.
    """

    reference: str
    group: str = ""
    version: str = ""
    aliases: tuple[str, ...] = ()
    strict_f1: float | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be chosen, looked up anew each time: versions come and aliases move while the page is open.

    Attributes:
        root: the workspace's folder.
        params: its params, which name the registered models.
        named: references given by hand; they come first.
    """

    root: Path
    params: Params
    named: Sequence[str] = ()

    def read(self) -> list[Offer]:
        """All models, the first of them the one that is meant if nobody chooses.

        Raises:
            ModelError: there is none.
            RegistryError: the registry cannot be reached.
        """
        found = [*(Offer(reference) for reference in self.named), *self._registered()]
        if not found:
            raise ModelError(
                "there is no model to try", where=str(self.root), mend="run: bioner run, or name one with --model"
            )
        return found

    def _registered(self) -> Iterator[Offer]:
        uri = tracking_uri(self.root)
        if uri.startswith(_SQLITE) and not Path(uri.removeprefix(_SQLITE)).is_file():
            return  # nothing was registered yet, and looking makes no store
        for entry in families(self.params).values():
            found = versions(entry.name, self.root)
            yield from map(_offer, sorted(found, key=lambda version: CHAMPION not in version.aliases))


def _offer(found: Version) -> Offer:
    reference = f"mlflow:models:/{found.name}/{found.version}"
    return Offer(reference, found.name, found.version, found.aliases, found.strict_f1)
