/**
 * The title row of a run: what was looked at, how far it is, and what can be done with it.
 */
import { Time } from '@jupyterlab/coreutils';
import React from 'react';

import type { Run } from '../schemas';
import { Actions } from './actions';
import { nameOf } from './sourcedialog';
import { bytes, whole } from './format';
import { useView } from './context';
import { ReadingNote } from './reading';
import { SamplingNote } from './samplingnote';
import { StateLine } from './state';

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
      <SamplingNote sampling={sampling} />
      <ReadingNote run={run} />
      <StateLine run={run} />
    </header>
  );
}

function Title({ run }: { run: Run }): JSX.Element {
  const { model, trans, labels } = useView();
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
        {run.task !== 'profile' && <span>{labels.tasks[run.task]}</span>}
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
          <span>{trans.__('missing values %1', labels.nulls[run.options.nulls])}</span>
        )}
      </p>
    </div>
  );
}
