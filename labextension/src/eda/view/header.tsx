/**
 * The title row of a run: what was looked at, how far it is, and what can be done with it.
 */
import { Time } from '@jupyterlab/coreutils';
import { codeIcon, refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { offlineIcon } from '../../base/icons';
import type { Run, RunIn } from '../schemas';
import { chooseSource, nameOf } from './choose';
import { bytes, share, whole } from './format';
import { useView } from './hooks';
import { checksIcon, compareIcon, reportIcon } from './icons';
import { Action } from './parts';
import { Download } from './report';
import { Sampled } from './sampled';

/** The title, the actions, the state. */
export function Header({ run }: { run: Run }): JSX.Element {
  const { model } = useView();
  const sampling = model.overview?.sampling ?? run.sampling;
  return (
    <header className="orrery-eda-view-header">
      <div className="orrery-eda-view-title">
        <Title run={run} />
        <Actions run={run} />
      </div>
      <Sampled sampling={sampling} />
      <StateLine run={run} />
    </header>
  );
}

function Title({ run }: { run: Run }): JSX.Element {
  const { model, trans, words } = useView();
  const { overview } = model;
  const rows = overview?.rows ?? run.rows;
  const columns = overview?.columns ?? run.columns;
  const size = overview?.bytes ?? null;
  const when = run.finished ?? run.created;
  const { against } = run;
  return (
    <div className="orrery-eda-view-what">
      <h2 title={run.source.location}>
        <bdi>{nameOf(run.source)}</bdi>
        {against && (
          <span className="orrery-eda-view-quiet" title={against.location}>
            {' '}
            {trans.__('compared with')} <bdi>{nameOf(against)}</bdi>
          </span>
        )}
      </h2>
      <p className="orrery-eda-view-meta">
        {run.task !== 'profile' && <span>{words.tasks[run.task]}</span>}
        {rows !== null && columns !== null && (
          <span>{trans.__('%1 rows × %2 columns', whole(rows), whole(columns))}</span>
        )}
        {size !== null && (
          <span title={trans.__('%1 bytes', whole(size))}>{bytes(size)}</span>
        )}
        <time dateTime={when} title={Time.format(when)}>
          {Time.formatHuman(when)}
        </time>
        {run.by && <span>{run.by}</span>}
        {run.options.nulls !== 'skip' && (
          <span>{trans.__('missing values %1', words.nulls[run.options.nulls])}</span>
        )}
      </p>
    </div>
  );
}

function Actions({ run }: { run: Run }): JSX.Element {
  const { insert, model, options, show, trans } = useView();
  const done = run.state === 'done';
  const isProfile = run.task === 'profile';
  const start = async (wanted: RunIn | null): Promise<void> => {
    if (wanted) {
      const started = await options.start(wanted);
      options.open(started.id);
    }
  };
  const begin = (wanted: Promise<RunIn | null>): void =>
    void wanted.then(start).catch(options.onError);
  const waits = trans.__('The profile has to be done first');
  const again = rerun(run, model.checks);
  return (
    <div
      className="orrery-eda-view-actions"
      role="toolbar"
      aria-label={trans.__('Actions')}
    >
      {isProfile && (
        <>
          <Action
            icon={reportIcon}
            shrinks
            label={trans.__('Full report')}
            caption={
              done
                ? trans.__('Write the full report; that goes on when you close the tab')
                : waits
            }
            disabled={!done}
            onClick={() =>
              begin(
                Promise.resolve({
                  task: 'report',
                  source: run.source,
                  parent: run.id,
                  options: run.options
                })
              )
            }
          />
          <Action
            icon={compareIcon}
            shrinks
            label={trans.__('Compare…')}
            caption={trans.__('Compare with another source')}
            onClick={() => begin(comparison())}
          />
          <Action
            icon={checksIcon}
            shrinks
            label={trans.__('Checks')}
            caption={done ? trans.__('Make checks of this profile') : waits}
            disabled={!done}
            onClick={() => show('checks')}
          />
          <Action
            icon={codeIcon}
            shrinks
            label={trans.__('Load')}
            caption={trans.__('Insert code that loads this table into the notebook')}
            disabled={run.source.kind === 'frame'}
            onClick={() => insert({ what: 'load' })}
          />
        </>
      )}
      <Download />
      <Action
        icon={refreshIcon}
        shrinks
        label={trans.__('Run again')}
        caption={
          again
            ? trans.__('The same on the source as it is now')
            : trans.__('Start the checks anew from the profile')
        }
        disabled={model.active || !again}
        onClick={() => begin(Promise.resolve(again))}
      />
    </div>
  );

  async function comparison(): Promise<RunIn | null> {
    const against = await chooseSource({ options, trans, run, task: 'comparison' });
    return (
      against && {
        task: 'comparison',
        source: run.source,
        against,
        options: run.options
      }
    );
  }
}

/** What starts the same once more; a suite of checks is known by its results alone. */
export function rerun(
  run: Run,
  results: { name: string; results: readonly { check: object }[] } | null
): RunIn | null {
  const { task, source, against, parent, newer, options } = run;
  if (task === 'checks' && !results) {
    return null;
  }
  const suite =
    task === 'checks' && results
      ? { name: results.name, checks: results.results.map(one => one.check) }
      : null;
  // A comparison with what a profile kept has the name of its source, which is not read again.
  const kept = task === 'comparison' && parent;
  return {
    task,
    source,
    against: kept ? null : against,
    parent,
    newer,
    options,
    suite
  } as RunIn;
}

/** Progress, queue, the way a run ended, or that the server is out of reach. */
function StateLine({ run }: { run: Run }): JSX.Element | null {
  const { model, trans } = useView();
  if (model.offline) {
    return (
      <div className="orrery-eda-view-state" role="status">
        <offlineIcon.react tag="span" className="orrery-eda-view-icon" />
        {trans.__(
          'The server does not answer. It is asked again; what is known stays here.'
        )}
        <Action label={trans.__('Try now')} onClick={() => model.retry()} />
      </div>
    );
  }
  switch (run.state) {
    case 'queued':
      return (
        <div className="orrery-eda-view-state" role="status">
          <span>
            {run.waiting > 0
              ? trans._n('%1 run is before it', '%1 runs are before it', run.waiting)
              : trans.__('It begins in a moment')}
          </span>
          <Cancel />
        </div>
      );
    case 'running':
      return <Progress run={run} />;
    case 'cancelled':
      return !model.some ? null : (
        <div className="orrery-eda-view-state" role="status">
          {trans.__('Cancelled. What was found until then stays here.')}
        </div>
      );
    case 'failed':
      return model.some ? <Failure run={run} /> : null;
    default:
      return null;
  }
}

function Progress({ run }: { run: Run }): JSX.Element {
  const { trans, words } = useView();
  const stage = words.stages[run.stage];
  return (
    <div className="orrery-eda-view-state">
      <div
        className="orrery-eda-view-progress"
        role="progressbar"
        aria-label={trans.__('Progress')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(run.progress * 100)}
        aria-valuetext={trans.__(
          '%1, %2',
          stage,
          share(Math.floor(run.progress * 100) / 100)
        )}
      >
        <span style={{ inlineSize: `${run.progress * 100}%` }} />
      </div>
      <span role="status">{stage}</span>
      <span className="orrery-eda-view-number">
        {share(Math.floor(run.progress * 100) / 100)}
      </span>
      <Cancel />
    </div>
  );
}

function Cancel(): JSX.Element {
  const { model, options, trans } = useView();
  return (
    <Action
      icon={stopIcon}
      label={model.cancelling ? trans.__('Cancelling…') : trans.__('Cancel')}
      disabled={model.cancelling}
      onClick={() => void model.cancel().catch(options.onError)}
    />
  );
}

/** What went wrong, why, and what to do; or that it was cancelled before anything was found. */
export function Failure({
  run,
  whole: all
}: {
  run: Run;
  whole?: boolean;
}): JSX.Element {
  const { model, options, trans } = useView();
  const [starting, setStarting] = useState(false);
  const again = rerun(run, model.checks);
  const { error } = run;
  const start = async (): Promise<void> => {
    if (again) {
      setStarting(true);
      try {
        options.open((await options.start(again)).id);
      } catch (reason) {
        options.onError(reason);
      } finally {
        setStarting(false);
      }
    }
  };
  return (
    <div
      className={
        all ? 'orrery-eda-view-empty' : 'orrery-eda-view-state orrery-mod-failed'
      }
      role="alert"
    >
      <h3>
        {run.state === 'cancelled'
          ? trans.__('Cancelled')
          : (error?.message ?? trans.__('The run failed'))}
      </h3>
      {run.state === 'cancelled' && <p>{trans.__('Nothing was found until then.')}</p>}
      {error?.reason && <p>{error.reason}</p>}
      {error?.remedy && <p>{error.remedy}</p>}
      {again && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept"
          disabled={starting}
          onClick={() => void start()}
        >
          {trans.__('Run again')}
        </button>
      )}
      {run.parent && (
        <button
          type="button"
          className="orrery-button"
          onClick={() => options.open(run.parent!)}
        >
          {trans.__('Open the profile')}
        </button>
      )}
    </div>
  );
}
