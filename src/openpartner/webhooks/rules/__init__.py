"""What is told, in which words, to which address, how often."""
