"""Trainings on a cluster: a job for each run, which the cluster's own scheduler places. submitit speaks to it.

A job is a run's folder and nothing else: what to train stands in it, and so does everything that comes of it. So the folder of all runs
has to be one that the machines of the cluster share, and the app that is opened on it shows the runs like its own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch

from vae_core.base.errors import InputError
from vae_core.base.storage import home
from vae_core.runs import directory, resuming
from vae_core.runs.execute import execute
from vae_core.runs.many import Plan, prepared

if TYPE_CHECKING:
    from submitit import AutoExecutor, Job
    from submitit.helpers import DelayedSubmission

Kind = Literal["slurm", "local", "debug"]
_CODE = Path(__file__).parents[2]


class Train:
    """The work of one job: train the run in a folder, from its first step or from where it stands."""

    def __call__(self, run: Path) -> str:
        """Train; returns how the run stands then.

        Raises:
            InputError: as `execute`.
        """
        if directory.status(run).state == "running":  # the job was cut off before
            resuming.resume(run, state="running")
        config = directory.config_of(run)
        if config.train.threads:
            torch.set_num_threads(config.train.threads)
        for _ in execute(run):
            pass
        return directory.status(run).state

    def checkpoint(self, run: Path) -> DelayedSubmission:
        """What submitit sends again when the scheduler takes the machine away or the time is over: the run goes on from its checkpoint."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self, run)


def start(plan: Plan, kind: Kind, minutes: int, options: Mapping[str, str] | None = None) -> dict[Path, Job[str]]:
    """Make a job of each run that a plan starts; returns them by the run's folder.

    Args:
        plan: what to train.
        kind: "slurm"; "local" for a process each on this machine and "debug" for this process, to try it out.
        minutes: after which the scheduler may end a job.
        options: of ``sbatch``, by their long names.

    Raises:
        InputError: submitit or slurm is not there, slurm refuses the jobs, or the disk cannot be written.
    """
    executor = _executor(kind)
    threads = max((config.train.threads or 1 for config in [*plan.new, *(run.config for run in plan.resumed)]), default=1)
    executor.update_parameters(name="latent-loom", timeout_min=minutes, cpus_per_task=threads)
    if options:
        executor.update_parameters(slurm_additional_parameters=dict(options))
    folders = prepared(plan, "submitted")
    try:
        with _environment():
            return dict(zip(folders, executor.map_array(Train(), folders), strict=True))
    except Exception as error:
        for folder in folders:
            directory.set_state(folder, "failed", "The cluster did not take it.")
        raise InputError(f"The cluster refused the jobs: {' '.join(str(error).split())[:300]}") from error


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Inside the block the environment says where the code and the runs are: a job has the environment of who sends it."""
    before = dict(os.environ)
    paths = [str(_CODE), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ |= {"LATENT_LOOM_HOME": str(home()), "PYTHONPATH": os.pathsep.join(paths)}
    try:
        yield
    finally:
        for name in ("LATENT_LOOM_HOME", "PYTHONPATH"):
            os.environ.pop(name)
        os.environ |= before


def _executor(kind: Kind) -> AutoExecutor:
    try:
        import submitit
    except ImportError:
        raise InputError(
            "A cluster needs the package submitit: install it with python -m pip install -r requirements-extras.txt."
        ) from None
    if kind == "slurm" and not (shutil.which("sbatch") and shutil.which("srun")):
        raise InputError("There is no slurm here: call this on a machine of the cluster that has sbatch and srun, or leave out --on slurm.")
    return submitit.AutoExecutor(home() / "cluster", cluster=kind)
