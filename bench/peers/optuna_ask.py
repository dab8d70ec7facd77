"""Times one ask and tell of Optuna's TPE sampler against the length of the history.

    python3 optuna_ask.py [LENGTH...]        # needs Optuna; prints JSON: microseconds, medians

The space has the shape of NAS-Bench-201: six categorical parameters of five values.  The history is put in at once, with
answers that follow from the trial's number.  An ask is ask() and the six suggestions, since TPE samples only then.
"""
import json
import statistics
import sys
import time

import optuna

OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3']
NAMES = [f'edge{i}' for i in range(6)]
DISTRIBUTIONS = {name: optuna.distributions.CategoricalDistribution(OPERATIONS) for name in NAMES}


def answer(number):
    return number * 2654435761 % 2**32 / 2**32


def past(number):
    params = {name: OPERATIONS[number // 5**i % 5] for i, name in enumerate(NAMES)}
    return optuna.trial.create_trial(params=params, distributions=DISTRIBUTIONS, value=answer(number))


def ask_and_tell(length, repeats=20, warm_up=3):
    study = optuna.create_study(direction='maximize', sampler=optuna.samplers.TPESampler(seed=1))
    study.add_trials([past(number) for number in range(length)])
    times = []
    for i in range(warm_up + repeats):
        start = time.perf_counter()
        trial = study.ask()
        for name in NAMES:
            trial.suggest_categorical(name, OPERATIONS)
        study.tell(trial, answer(length + i))
        times.append((time.perf_counter() - start) * 1e6)
    assert len(study.trials) == length + warm_up + repeats
    return statistics.median(times[warm_up:])


if __name__ == '__main__':
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    lengths = [int(text) for text in sys.argv[1:]] or [100, 300, 1000, 3000]
    print(json.dumps({'optuna': optuna.__version__, 'ask_tell_us': {n: ask_and_tell(n) for n in lengths}}))
