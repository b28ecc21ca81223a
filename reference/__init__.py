"""What the documentation site (`mkdocs.yml`) generates from the code."""
