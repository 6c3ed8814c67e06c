"""Callbacks: what listens to a training, and may steer it."""

from lamina.callbacks.base import Callback
from lamina.callbacks.callback_list import CallbackList
from lamina.callbacks.clean_loss import CleanLoss
from lamina.callbacks.csv_logger import CSVLogger
from lamina.callbacks.early_stopping import EarlyStopping
from lamina.callbacks.history import History
from lamina.callbacks.lambda_callback import LambdaCallback
from lamina.callbacks.learning_rate_scheduler import LearningRateScheduler
from lamina.callbacks.model_checkpoint import ModelCheckpoint
from lamina.callbacks.progress import RichProgress
from lamina.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from lamina.callbacks.tensorboard import TensorBoard
from lamina.callbacks.terminate_on_nan import TerminateOnNaN
from lamina.callbacks.time_budget import TimeBudget

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "CleanLoss",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "RichProgress",
    "TensorBoard",
    "TerminateOnNaN",
    "TimeBudget",
]
