/**
 * What is missing: how much of each column, and which columns together.
 */
import React, { useState } from 'react';

import type { ColumnProfile, MissingPattern } from '../schemas';
import { ColumnNames } from './alerts';
import { part } from './charts/bins';
import { share, whole } from './format';
import { useAnswer, useNames, useView } from './context';
import {
  Action,
  Block,
  ColumnLink,
  Empty,
  Failed,
  LoadingPage,
  ShareBar,
  WithCode
} from './components';

const STEP = 50;
const MOST = 200;

/** The section about missing values. */
export function Missing(): JSX.Element {
  const { model, options, trans } = useView();
  const [most, setMost] = useState(STEP);
  const { run, overview } = model;
  // The shares stand when the summary is done; until then the answer of that moment stays.
  const { value, error, retry } = useAnswer(
    () => options.client.columns(options.id, { sort: 'missing', limit: most }),
    [most, run?.stage, run?.state]
  );
  if (error && !value) {
    return (
      <Failed
        title={trans.__('The columns could not be loaded')}
        error={error}
        retry={retry}
      />
    );
  }
  const columns = value?.items.filter(column => column.missing > 0) ?? [];
  if (!value || !overview || (!columns.length && model.active)) {
    return <LoadingPage />;
  }
  if (!columns.length) {
    return (
      <Empty
        title={trans.__('Nothing is missing')}
        text={trans.__('Every row has a value in every column.')}
      />
    );
  }
  const hasMore = columns.length === most && most < MOST;
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      <MissingByColumn
        columns={columns}
        onMore={hasMore ? () => setMost(MOST) : undefined}
      />
      {overview.patterns.length > 0 && <Patterns patterns={overview.patterns} />}
    </div>
  );
}

function MissingByColumn(props: {
  columns: readonly ColumnProfile[];
  onMore?: () => void;
}): JSX.Element {
  const { trans } = useView();
  return (
    <Block
      title={trans.__('By column')}
      note={trans.__('most first; complete columns are left out')}
    >
      <ul className="orrery-eda-view-bars">
        {props.columns.map(({ index, name, missing, count }) => (
          <li key={index}>
            <WithCode
              request={{ what: 'statistic', statistic: 'missing', column: index }}
              about={trans.__(
                '%1: %2 of %3 values are missing',
                name,
                whole(missing),
                whole(count)
              )}
            >
              <ColumnLink
                name={name}
                className="orrery-eda-view-open orrery-eda-view-bars-name"
              />
              <ShareBar value={part(missing, count)} />
            </WithCode>
          </li>
        ))}
      </ul>
      {props.onMore && <Action label={trans.__('Show more')} onClick={props.onMore} />}
    </Block>
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
        {patterns.map((pattern, index) => (
          <li key={index}>
            <span className="orrery-eda-view-pattern-share">
              <ShareBar
                value={part(pattern.rows, rows)}
                label={`${whole(pattern.rows)} (${share(part(pattern.rows, rows))})`}
              />
            </span>
            {pattern.columns.length > 0 ? (
              <ColumnNames names={pattern.columns.map(column => model.name(column))} />
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
