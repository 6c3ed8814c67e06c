"""What textbooks claim about training deep nets, run here: ``python -m examples.NAME`` prints ours beside theirs."""
