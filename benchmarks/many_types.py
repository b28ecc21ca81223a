"""A hundred entity types to ask for: short made-up names, and names as long as those of a terminology."""

from __future__ import annotations

# The first hundred semantic types of the UMLS (National Library of Medicine) in the order of the alphabet.
_SEMANTIC = """
acquired abnormality; activity; age group; amino acid sequence; amino acid, peptide, or protein; amphibian; anatomical
abnormality; anatomical structure; animal; antibiotic; archaeon; bacterium; behavior; biologic function; biologically
active substance; biomedical occupation or discipline; biomedical or dental material; bird; body location or region;
body part, organ, or organ component; body space or junction; body substance; body system; carbohydrate sequence;
cell; cell component; cell function; cell or molecular dysfunction; chemical; chemical viewed functionally; chemical
viewed structurally; classification; clinical attribute; clinical drug; conceptual entity; congenital abnormality;
daily or recreational activity; diagnostic procedure; disease or syndrome; drug delivery device; educational activity;
element, ion, or isotope; embryonic structure; entity; environmental effect of humans; enzyme; eukaryote; event;
experimental model of disease; family group; finding; fish; food; fully formed anatomical structure; functional
concept; fungus; gene or genome; genetic function; geographic area; governmental or regulatory activity; group; group
attribute; hazardous or poisonous substance; health care activity; health care related organization; hormone; human;
human-caused phenomenon or process; idea or concept; immunologic factor; indicator, reagent, or diagnostic aid;
individual behavior; injury or poisoning; inorganic chemical; intellectual product; laboratory or test result;
laboratory procedure; language; machine activity; mammal; manufactured object; medical device; mental or behavioral
dysfunction; mental process; molecular biology research technique; molecular function; molecular sequence; natural
phenomenon or process; neoplastic process; nucleic acid, nucleoside, or nucleotide; nucleotide sequence; occupation or
discipline; occupational activity; organ or tissue function; organic chemical; organism; organism attribute; organism
function; organization; pathologic function
"""


def semantic_types() -> list[str]:
    """Names of 2.4 words, and 2.8 tokens, in the mean."""
    return [" ".join(name.split()) for name in _SEMANTIC.split(";")]


def short_types() -> list[str]:
    """Names of two tokens each."""
    return [f"{word} {number}" for number in range(25) for word in ("gene", "drug", "cell", "virus")]
