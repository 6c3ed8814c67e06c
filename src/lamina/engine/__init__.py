"""The engine: plan -> program -> run; step, epoch, loop. It knows no estimators."""
