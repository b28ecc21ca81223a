"""The trial of a base model: whether rows of one pass are blind to each other in it, as tagged lines have to be.

Only attention knows rows (see `bioner.tagger.packed`). A model that mixes tokens in any other way, with recurrent or
convolutional layers, say, would read one line while it writes the next; nothing else would show it.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from bioner.errors import ModelError
from bioner.tagger.network import Network
from bioner.tagger.packed import Rows

_BEGUN, _OTHER, _OWN = range(20, 28), range(40, 48), range(60, 68)  # any tokens will do
_ALIKE = 0.98  # cosine; 4-bit weights in bfloat16 differ less, from one order of sums to another


@torch.no_grad()
def check_packing(network: Network) -> None:
    """Make sure that a row has the same states whether another one shares its prefix and its pass, or not.

    Raises:
        ModelError: it has not, or the model does not take packed rows at all.
    """
    packed, alone = Rows(), Rows()
    begun = packed.add(_BEGUN)
    packed.add(_OTHER, begun)
    packed.add(_OWN, begun)
    alone.add((*_BEGUN, *_OWN))
    try:
        states = [network.states(rows.build(network.device))[-len(_OWN) :] for rows in (packed, alone)]
    except TypeError as error:  # its layers do not hand on what they do not know
        raise _unfit(str(error)) from error
    alike = float(functional.cosine_similarity(states[0].float(), states[1].float(), dim=-1).min())
    if not alike >= _ALIKE:
        raise _unfit("what it reads in one line changes the next")


def _unfit(reason: str) -> ModelError:
    what = f"the base model cannot write several lines at once: {reason}"
    return ModelError(what, mend="choose a model all of whose layers mix tokens by attention alone")
