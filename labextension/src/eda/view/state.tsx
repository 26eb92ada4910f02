/**
 * How a run is: how far, waiting, cancelled, failed, or that the server is out of reach.
 */
import { stopIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { Button } from '../../base/controls';
import { offlineIcon } from '../../base/icons';
import type { Run } from '../schemas';
import { Action } from './components';
import { useView } from './context';
import { share } from './format';
import { rerunOf } from './rerun';

/** Progress, queue, the way a run ended, or that the server is out of reach. */
export function StateLine({ run }: { run: Run }): JSX.Element | null {
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
      return !model.hasResults ? null : (
        <div className="orrery-eda-view-state" role="status">
          {trans.__('Cancelled. What was found until then stays here.')}
        </div>
      );
    case 'failed':
      return model.hasResults ? <Failure run={run} /> : null;
    default:
      return null;
  }
}

function Progress({ run }: { run: Run }): JSX.Element {
  const { trans, labels } = useView();
  const stage = labels.stages[run.stage];
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
  const repeated = rerunOf(run, model.checks);
  const { error } = run;
  const start = async (): Promise<void> => {
    if (repeated) {
      setStarting(true);
      try {
        options.open((await options.start(repeated)).id);
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
      {repeated && (
        <Button look="accept" disabled={starting} onClick={() => void start()}>
          {trans.__('Run again')}
        </Button>
      )}
      {run.parent && (
        <Button onClick={() => options.open(run.parent!)}>
          {trans.__('Open the profile')}
        </Button>
      )}
    </div>
  );
}
