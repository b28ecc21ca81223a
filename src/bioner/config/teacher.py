"""The params of the teacher: which model annotates, how it is sampled, and how an endpoint is asked and paid for."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from bioner.config.review import Pinned
from bioner.config.section import Count, Section, Share

Seconds = Annotated[float, Field(gt=0.0)]
Price = Annotated[float, Field(ge=0.0)]

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SelfConsistency(Section):
    """Several answers for each text: a span's score is the share of them that hold it."""

    samples: Annotated[int, Field(ge=2, strict=True)]
    temperature: Annotated[float, Field(gt=0.0, le=2.0)]


class Limits(Section):
    """How hard an endpoint is asked, and how long a failing one is waited for; waits are seconds."""

    concurrency: Count = 8
    requests_per_minute: Count | None = None
    timeout: Seconds = 120.0  # of one request, all of its answer included
    tries: Count = 5  # of one request; while the endpoint is down they do not count
    wait: Seconds = 0.5  # at most before the second try, twice as long before the third, and so on,
    longest_wait: Seconds = 60.0  # but no longer than this, also where the endpoint asks for more
    failures: Count = 5  # in a row, after which requests wait until a short one of our own is answered,
    probe_every: Seconds = 5.0  # which is sent at once and then this often;
    patience: Seconds = 900.0  # what has not answered for so long ends the run
    max_bytes: Count = 4 << 20  # of one answer


class Prices(Section):
    """Money for a million tokens, in any currency."""

    prompt: Price = 0.0
    completion: Price = 0.0


class Budget(Section):
    """What annotating with one teacher may take over all runs: tokens, and money in the currency of the prices."""

    tokens: Count | None = None
    money: Annotated[float, Field(gt=0.0)] | None = None


class Grounding(Section):
    """How the mentions of a task's answer are found in the text (see `bioner.teacher.grounding`)."""

    occurrence: Literal["all", "first", "order", "context"] = "all"  # which place is meant, of several
    max_edits: Annotated[float, Field(ge=0.0, le=0.5)] = 0.15  # as a share of the mention's length


TypedTask = Literal["open_ner", "annotation", "annotation_guided"]
FreeTask = Literal[  # the labels come with the answers
    "described_ner", "relations", "question_answering", "open_matching", "summarisation", "open_extraction"
]


class Endpoint(Section):
    """A model behind an OpenAI-compatible endpoint: where it is, what it is asked, and within which limits."""

    url: str
    model: str = Field(min_length=1)
    api_key_env: str | None = None  # the environment variable that holds the key
    task: Literal["copies"] | TypedTask | FreeTask = "copies"  # all but copies answer in JSON
    labels: Literal["types", "free"] = "types"  # free: of a typed task, the teacher names the types itself
    mode: Literal["strict", "contract", "expand"] = "contract"  # of mentions in copies that are not as in the text
    grounding: Grounding = Field(default_factory=Grounding)  # of mentions in answers of the other tasks
    vocabulary: Pinned | None = None  # what else types are called in these answers (`bioner teacher vocabulary`)
    max_tokens: Count = 2048  # of one answer
    answers: Count = 2  # asked for until one can be used; all but the first are sampled
    extra: dict[str, Any] = Field(default_factory=dict)  # keys of the body of each request, over those of ours,
    omit: tuple[str, ...] = ()  # and keys of ours that the endpoint does not take, such as seed
    max_failed: Share = 0.05  # share of the texts; if more have no answer, the run stops, and the next asks them again
    limits: Limits = Field(default_factory=Limits)
    prices: Prices = Field(default_factory=Prices)
    budget: Budget = Field(default_factory=Budget)

    @model_validator(mode="after")
    def _without_secrets(self) -> Endpoint:
        """Checked here and not at the fields: an error would show a field's value, which may hold a key by mistake."""
        if self.api_key_env is not None and not _VARIABLE.fullmatch(self.api_key_env):
            raise ValueError("api_key_env is the name of an environment variable, and never a key itself")
        try:
            parts = urlsplit(self.url)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fine = False
        if not fine:
            raise ValueError("url begins with http:// or https:// and names a host, as in http://127.0.0.1:8000/v1")
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError("url has no name, password or query: a key comes from the variable that api_key_env names")
        return self

    @property
    def free(self) -> bool:
        """Whether answers have labels of their own, and become examples to train on."""
        return self.labels == "free" or self.task in get_args(FreeTask)

    @model_validator(mode="after")
    def _free_labels_fit(self) -> Endpoint:
        if self.labels == "free" and self.task == "copies":
            raise ValueError("copies are made for given types: labels: free needs a task that answers in JSON")
        if self.free and self.vocabulary is not None:
            raise ValueError("vocabulary maps labels to the types of the params: leave it out where labels are free")
        if self.grounding.occurrence == "context" and self.task in get_args(FreeTask):
            raise ValueError(f"the task {self.task} quotes no context: choose all, first or order for occurrence")
        return self

    @model_validator(mode="after")
    def _money_needs_prices(self) -> Endpoint:
        if self.budget.money is not None and not (self.prices.prompt or self.prices.completion):
            raise ValueError("budget.money needs prices")
        return self


class Local(Section):
    """A causal LM that annotates in this process: where it is, and what it is asked."""

    model: str = Field(min_length=1)  # a reference (see `bioner.references`) to an instruction-tuned model
    task: TypedTask = "open_ner"
    grounding: Grounding = Field(default_factory=Grounding)
    max_tokens: Count = 1024  # of one answer
    batch_size: Count = 8  # texts that are answered side by side
    max_failed: Share = 0.05  # share of the texts; if more have no answer, the run stops


class Teacher(Section):
    """Which model annotates the unlabelled text."""

    backend: Literal["tagger", "endpoint", "local"]
    min_score: Share
    sampling: SelfConsistency | None = None  # by default one answer, the most probable
    endpoint: Endpoint | None = None
    local: Local | None = None

    @model_validator(mode="after")
    def _backend_has_its_section(self) -> Teacher:
        for name in ("endpoint", "local"):
            if (getattr(self, name) is not None) != (self.backend == name):
                raise ValueError(f"the section `{name}` belongs to `backend: {name}`, which needs it")
        if self.sampling and self.endpoint and self.endpoint.free:
            raise ValueError("answers with labels of their own cannot vote: leave `sampling` out")
        return self
