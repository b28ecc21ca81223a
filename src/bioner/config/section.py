"""What every part of the params shares: frozen, closed to unknown keys, and the numbers and names it may hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1, strict=True)]
Natural = Annotated[int, Field(ge=0, strict=True)]
Name = Annotated[str, Field(pattern=r"^\w[\w-]*$")]  # becomes part of stage, file and parameter names
Rate = Annotated[float, Field(gt=0.0, lt=1.0)]


class Section(BaseModel):
    """A part of the params: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())
