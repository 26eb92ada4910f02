/**
 * The table as a whole: what it holds, what to know first, and its first rows.
 */
import React from 'react';

import type { Overview as OverviewShape } from '../schemas';
import { AlertItem } from './alerts';
import { bytes, compact, share, whole } from './format';
import { useView } from './context';
import { bySeverity } from './severity';
import { Action, Block, LoadingPage } from './components';
import { RowsBlock } from './datarows';

const FIRST_ALERTS = 5;

/** The section that is seen first. */
export function Overview(): JSX.Element {
  const { model } = useView();
  const { overview } = model;
  if (!overview) {
    return <LoadingPage />;
  }
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      <Figures overview={overview} />
      <Head overview={overview} />
      <Foremost overview={overview} />
      <Repeated overview={overview} />
      <Notes notes={overview.notes} />
    </div>
  );
}

function Figures({ overview }: { overview: OverviewShape }): JSX.Element {
  const { model, trans } = useView();
  const { rows, columns, missing, duplicates } = overview;
  const looked = overview.sampling?.rows ?? rows ?? 0;
  const cells = looked * columns;
  const unknown = model.active ? '…' : trans.__('not counted');
  const repeated = duplicates
    ? `${duplicates.error > 0 ? '≈ ' : ''}${compact(duplicates.rows)}`
    : unknown;
  const figures: [string, string, string][] = [
    [
      trans.__('Rows'),
      rows === null ? unknown : compact(rows),
      rows === null ? '' : whole(rows)
    ],
    [trans.__('Columns'), whole(columns), ''],
    [
      trans.__('Size'),
      overview.bytes === null ? unknown : bytes(overview.bytes),
      overview.bytes === null ? '' : trans._n('%1 byte', '%1 bytes', overview.bytes)
    ],
    [
      trans.__('Missing values'),
      missing === null ? unknown : share(cells > 0 ? missing / cells : 0),
      missing === null ? '' : trans.__('%1 of %2 values', whole(missing), whole(cells))
    ],
    [
      trans.__('Repeated rows'),
      repeated,
      duplicates && looked > 0
        ? trans.__(
            '%1 of the rows repeat an earlier one',
            share(duplicates.rows / looked)
          )
        : ''
    ]
  ];
  return (
    <dl className="orrery-eda-view-figures">
      {figures.map(([label, text, more]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd title={more}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Foremost({ overview }: { overview: OverviewShape }): JSX.Element | null {
  const { show, trans } = useView();
  const { alerts } = overview;
  if (!alerts.length) {
    return null;
  }
  const first = bySeverity(alerts).slice(0, FIRST_ALERTS);
  return (
    <Block
      title={trans.__('What to know first')}
      actions={
        alerts.length > first.length && (
          <Action
            label={trans.__('All %1 alerts', alerts.length)}
            onClick={() => show('alerts')}
          />
        )
      }
    >
      <ul className="orrery-eda-view-alerts">
        {first.map(alert => (
          <AlertItem key={alert.id} alert={alert} />
        ))}
      </ul>
    </Block>
  );
}

function Head({ overview }: { overview: OverviewShape }): JSX.Element | null {
  const { trans } = useView();
  const { head, names } = overview;
  const left = overview.columns - names.length;
  if (!names.length) {
    return null;
  }
  return (
    <RowsBlock
      title={trans.__('First rows')}
      note={
        left > 0
          ? trans._n(
              '%1 more column is not shown',
              '%1 more columns are not shown',
              left
            )
          : undefined
      }
      names={names}
      rows={head}
    />
  );
}

function Repeated({ overview }: { overview: OverviewShape }): JSX.Element | null {
  const { trans } = useView();
  const { names, duplicates } = overview;
  return duplicates?.examples.length ? (
    <RowsBlock
      title={trans.__('Repeated rows')}
      note={trans.__('examples')}
      names={names.slice(0, duplicates.examples[0].length)}
      rows={duplicates.examples}
    />
  ) : null;
}

/** What was assumed or left out, and why. */
export function Notes({ notes }: { notes: readonly string[] }): JSX.Element | null {
  const { trans } = useView();
  return notes.length ? (
    <Block title={trans.__('Assumed or left out')}>
      <ul className="orrery-eda-view-notes">
        {notes.map((note, place) => (
          <li key={place}>{note}</li>
        ))}
      </ul>
    </Block>
  ) : null;
}
