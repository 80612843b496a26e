"""check_events.py FOLDER: whether TensorBoard finds in the runs below FOLDER/cells what they wrote:
every scalar, and on its page HParams settings, results and ends."""

import sys

import numpy
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import (api_pb2, backend_context, get_experiment,
                                         list_session_groups)

from runs import read_runs


def check(condition, *what):
    if not condition:
        sys.exit("wrong: " + " ".join(map(str, what)))


def decides_numbers(key):
    return (key not in ["experiment", "claim", "device"] and not key.startswith("checkpoint.")
            and not key.endswith(".sha256"))


def plain(value):
    """A google.protobuf.Value as the text that run.json has."""
    kind = value.WhichOneof("kind")
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    return value.string_value if kind == "string_value" else value.number_value


def check_scalars(folder, rows):
    """As single precision rounds them, in the order of their steps, each once."""
    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    names = {name for row in rows for name in row} - {"step"}
    check(set(events.Tags()["scalars"]) == names, folder, events.Tags())
    for name in names:
        found = [(event.step, event.value) for event in events.Scalars(name)]
        written = [(row["step"], row[name]) for row in rows if name in row]
        check([step for step, _ in found] == [step for step, _ in written], folder, name, found)
        for (step, value), (_, number) in zip(found, written):
            if number is None:
                check(not numpy.isfinite(value), folder, name, step, value)
            else:
                check(value == numpy.float32(number), folder, name, step, value, number)


def session_groups(folder):
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(folder)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, folder)
    context = backend_context.Context(
        base_plugin.TBContext(data_provider=provider, logdir=folder))
    request = RequestContext(), context, ""
    experiment = get_experiment.Handler(*request, api_pb2.GetExperimentRequest()).run()
    groups = list_session_groups.Handler(*request, api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=1000,
        allowed_statuses=[status for _, status in api_pb2.Status.items()],
        col_params=[api_pb2.ColParams(metric=metric.name)
                    for metric in experiment.metric_infos])).run().session_groups
    return experiment, groups


def check_settings(group, record):
    settings = {key: text for key, text in record["settings"].items() if decides_numbers(key)}
    check(set(group.hparams) == set(settings), group.name, set(group.hparams) ^ set(settings))
    for key, text in settings.items():
        found = plain(group.hparams[key])
        same = found == (float(text) if isinstance(found, float) else text)
        check(same, group.name, key, found, text)


def check_results(group, rows):
    results = {value.name.tag: value.value for value in group.metric_values}
    for name, number in rows[-1].items():
        if name != "step" and number is not None:
            check(results[name] == numpy.float32(number), group.name, name, results[name])


def main():
    folder = sys.argv[1]
    runs = read_runs(folder)
    for cell, (rows, _) in runs.items():
        check_scalars(f"{folder}/cells/{cell}", rows)

    experiment, groups = session_groups(f"{folder}/cells")
    check(sorted(group.name for group in groups) == sorted(runs), "runs", groups)
    for group in groups:
        rows, record = runs[group.name]
        check_settings(group, record)
        check_results(group, rows)
        is_finished = record["status"] in ["done", "diverged"]
        status = api_pb2.STATUS_SUCCESS if is_finished else api_pb2.STATUS_UNKNOWN
        check([session.status for session in group.sessions] == [status], group.sessions)
    differing = [info.name for info in experiment.hparam_infos if info.differs]
    print(f"{len(runs)} runs; they differ in {', '.join(sorted(differing))}")


main()
