/**
 * Columns of texts and of times, by what is known of these alone.
 */
import React from 'react';

import type { ColumnProfile, ColumnType } from '../schemas';
import { isTime, present } from './charts/bins';
import { HistogramChart } from './charts/histogram';
import { Facts, TextTables, Times } from './details';
import { useAnswer, useView, type IView } from './context';
import { typeIcons } from './icons';
import { ColumnLink, Empty, Failed, LoadingPage } from './components';
import { factsOf } from './statistics';

const TYPES: readonly ColumnType[] = [
  'text',
  'category',
  'datetime',
  'date',
  'time',
  'duration'
];
const MOST = 50;

/** The section about texts and times. */
export function TextTime(): JSX.Element {
  const { model, options, trans } = useView();
  const { run } = model;
  const { value, error, retry } = useAnswer(
    () => columnsOf(options),
    [run?.stage, run?.state]
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
  if (!value?.columns.length) {
    return !value || model.active ? (
      <LoadingPage />
    ) : (
      <Empty
        title={trans.__('No texts and no times')}
        text={trans.__('No column of this table holds any.')}
      />
    );
  }
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      {value.columns.map(column => (
        <ColumnBlock key={column.index} column={column} />
      ))}
      {value.more > 0 && (
        <p className="orrery-eda-view-quiet">
          {trans._n(
            '%1 more is in the list of columns, under its type.',
            '%1 more are in the list of columns, under their type.',
            value.more
          )}
        </p>
      )}
    </div>
  );
}

async function columnsOf(
  options: IView['options']
): Promise<{ columns: ColumnProfile[]; more: number }> {
  const pages = await Promise.all(
    TYPES.map(type => options.client.columns(options.id, { type, limit: MOST }))
  );
  const columns = pages
    .flatMap(page => page.items)
    .filter(tells)
    .sort((a, b) => a.index - b.index);
  const more = pages.reduce((sum, page) => sum + page.total - page.items.length, 0);
  return { columns, more };
}

/** A category is told by its values; only what these look like belongs here. */
function tells({ type, text, time }: ColumnProfile): boolean {
  return (
    time !== null || (text !== null && (type !== 'category' || text.looks_like !== ''))
  );
}

function ColumnBlock({ column }: { column: ColumnProfile }): JSX.Element {
  const { trans, labels } = useView();
  const { text, histogram } = column;
  const Type = typeIcons[column.type];
  const facts = factsOf(column, trans, labels).filter(group =>
    [trans.__('Text'), trans.__('Time')].includes(group.title)
  );
  const chart = isTime(column) ? histogram : (text?.lengths ?? null);
  return (
    <section className="orrery-eda-view-block">
      <div className="orrery-eda-view-block-head">
        <Type.react tag="span" className="orrery-eda-view-icon" />
        <h3>
          <ColumnLink name={column.name} />
        </h3>
        <span className="orrery-eda-view-quiet">{labels.types[column.type]}</span>
      </div>
      <div className="orrery-eda-view-details-parts">
        {chart && chart.counts.length > 0 && (
          <div className="orrery-eda-view-details-chart">
            <h3 className="orrery-eda-view-minor">
              {isTime(column) ? trans.__('Over time') : trans.__('Lengths')}
            </h3>
            <HistogramChart
              histogram={chart}
              isTime={isTime(column)}
              of={present(column)}
              name={column.name}
            />
          </div>
        )}
        {facts.map(group => (
          <Facts key={group.title} group={group} />
        ))}
        <TextTables column={column} />
        {column.time && <Times column={column} />}
      </div>
    </section>
  );
}
