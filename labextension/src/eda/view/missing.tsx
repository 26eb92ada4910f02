/**
 * What is missing: how much of each column, and which columns together.
 */
import React, { useState } from 'react';

import type { MissingPattern } from '../schemas';
import { ColumnNames } from './alerts';
import { part } from './bins';
import { share, whole } from './format';
import { useAnswer, useNames, useView } from './hooks';
import {
  Action,
  Block,
  CodeButton,
  Empty,
  Failed,
  Loading,
  Name,
  ShareBar
} from './parts';

const STEP = 50;

/** The section about missing values. */
export function Missing(): JSX.Element {
  const { model, options, trans } = useView();
  const [most, setMost] = useState(STEP);
  const { run, overview } = model;
  // The shares stand when the summary is done; until then the answer of that moment stays.
  const { value, error, again } = useAnswer(
    () =>
      options.client.columns(options.id, {
        sort: 'missing',
        limit: Math.min(most, 200)
      }),
    [most, run?.stage, run?.state]
  );
  if (error && !value) {
    return (
      <Failed
        title={trans.__('The columns could not be loaded')}
        error={error}
        again={again}
      />
    );
  }
  if (!value || !overview) {
    return (
      <div className="orrery-eda-view-page" tabIndex={0}>
        <Loading rows={6} />
      </div>
    );
  }
  const columns = value.items.filter(column => column.missing > 0);
  if (!columns.length) {
    return model.active ? (
      <div className="orrery-eda-view-page" tabIndex={0}>
        <Loading rows={6} />
      </div>
    ) : (
      <Empty
        title={trans.__('Nothing is missing')}
        text={trans.__('Every row has a value in every column.')}
      />
    );
  }
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      <Block
        title={trans.__('By column')}
        note={trans.__('most first; complete columns are left out')}
      >
        <ul className="orrery-eda-view-bars">
          {columns.map(column => (
            <li key={column.index}>
              <CodeButton
                wanted={{
                  what: 'statistic',
                  statistic: 'missing',
                  column: column.index
                }}
                about={trans.__(
                  '%1: %2 of %3 values are missing',
                  column.name,
                  whole(column.missing),
                  whole(column.count)
                )}
              >
                <span className="orrery-eda-view-bars-name">
                  <Name name={column.name} />
                </span>
                <ShareBar value={part(column.missing, column.count)} />
              </CodeButton>
            </li>
          ))}
        </ul>
        {columns.length === most && most < 200 && (
          <Action label={trans.__('Show more')} onClick={() => setMost(200)} />
        )}
      </Block>
      {overview.patterns.length > 0 && <Patterns patterns={overview.patterns} />}
    </div>
  );
}

function Patterns({ patterns }: { patterns: readonly MissingPattern[] }): JSX.Element {
  const { model, trans } = useView();
  const rows = model.overview?.sampling?.rows ?? model.overview?.rows ?? 0;
  useNames(patterns.flatMap(pattern => pattern.columns));
  return (
    <Block
      title={trans.__('Missing together')}
      note={trans.__('rows in which exactly these columns are missing')}
    >
      <ul className="orrery-eda-view-patterns">
        {patterns.map((pattern, place) => (
          <li key={place}>
            <span className="orrery-eda-view-pattern-share">
              <ShareBar
                value={part(pattern.rows, rows)}
                label={`${whole(pattern.rows)} (${share(part(pattern.rows, rows))})`}
              />
            </span>
            {pattern.columns.length > 0 ? (
              <ColumnNames names={pattern.columns.map(index => model.name(index))} />
            ) : (
              <span className="orrery-eda-view-quiet">
                {trans.__('nothing: complete')}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Block>
  );
}
