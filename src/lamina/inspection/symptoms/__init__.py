"""What the doctor looks for: functions from the record of a training to findings."""
