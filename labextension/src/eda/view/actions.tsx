/**
 * What can be done with a run as a whole.
 */
import { codeIcon, refreshIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { Run, RunIn } from '../schemas';
import { Action } from './components';
import { useView } from './context';
import { checksIcon, compareIcon, reportIcon } from './icons';
import { Download } from './report';
import { rerunOf } from './rerun';
import { chooseSource } from './sourcedialog';

/** The toolbar of a run. */
export function Actions({ run }: { run: Run }): JSX.Element {
  const { model, trans } = useView();
  const startRun = useStart();
  const repeated = rerunOf(run, model.checks);
  return (
    <div
      className="orrery-eda-view-actions"
      role="toolbar"
      aria-label={trans.__('Actions')}
    >
      {run.task === 'profile' && <ProfileActions run={run} />}
      <Download />
      <Action
        icon={refreshIcon}
        shrinks
        label={trans.__('Run again')}
        caption={
          repeated
            ? trans.__('The same on the source as it is now')
            : trans.__('Start the checks anew from the profile')
        }
        disabled={model.active || !repeated}
        onClick={() => startRun(repeated)}
      />
    </div>
  );
}

/** What can be made of a profile. */
function ProfileActions({ run }: { run: Run }): JSX.Element {
  const { insert, options, show, trans } = useView();
  const startRun = useStart();
  const { source } = run;
  const isDone = run.state === 'done';
  const compare = async (): Promise<RunIn | null> => {
    const against = await chooseSource({ options, trans, run, task: 'comparison' });
    return against && { task: 'comparison', source, against, options: run.options };
  };
  const captionOf = (caption: string): string =>
    isDone ? caption : trans.__('The profile has to be done first');
  return (
    <>
      <Action
        icon={reportIcon}
        shrinks
        label={trans.__('Full report')}
        caption={captionOf(
          trans.__('Write the full report; that goes on when you close the tab')
        )}
        disabled={!isDone}
        onClick={() =>
          startRun({ task: 'report', source, parent: run.id, options: run.options })
        }
      />
      <Action
        icon={compareIcon}
        shrinks
        label={trans.__('Compare…')}
        caption={trans.__('Compare with another source')}
        onClick={() => startRun(compare())}
      />
      <Action
        icon={checksIcon}
        shrinks
        label={trans.__('Checks')}
        caption={captionOf(trans.__('Make checks of this profile'))}
        disabled={!isDone}
        onClick={() => show('checks')}
      />
      <Action
        icon={codeIcon}
        shrinks
        label={trans.__('Load')}
        caption={trans.__('Insert code that loads this table into the notebook')}
        disabled={source.kind === 'frame'}
        onClick={() => insert({ what: 'load' })}
      />
    </>
  );
}

/** Starts a run and opens it; null, from a dialog that was cancelled, starts nothing. */
function useStart(): (request: RunIn | null | Promise<RunIn | null>) => void {
  const { options } = useView();
  const start = async (
    request: RunIn | null | Promise<RunIn | null>
  ): Promise<void> => {
    const run = await request;
    if (run) {
      options.open((await options.start(run)).id);
    }
  };
  return request => void start(request).catch(options.onError);
}
