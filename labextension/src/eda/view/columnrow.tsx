/**
 * One column in the list: a line, and below it, when it is open, everything that is known.
 */
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import React, { memo } from 'react';

import type { Alert, ColumnProfile } from '../schemas';
import { part } from './charts/bins';
import { Details } from './details';
import { compact, ends, full, share, whole } from './format';
import { useView } from './context';
import { typeIcons } from './icons';
import { Datum, LevelIcon, Name, ShareBar } from './components';
import { ColumnSparkline } from './charts/sparkline';
import { distinctMore } from './statistics';

const MOST_BADGES = 3;

export interface IColumnRowProps {
  column: ColumnProfile;
  alerts: readonly Alert[];
  open: boolean;
  /** Whether only the first rows of what is going to be looked at are in it. */
  early: boolean;
}

/** A column: type, name, how its values lie, what is missing, how many differ, from where to where. */
export const ColumnRow = memo(function ColumnRow(props: IColumnRowProps): JSX.Element {
  const { column, alerts, open, early } = props;
  const { trans } = useView();
  return (
    <>
      <div
        className={`orrery-eda-view-line${early ? ' orrery-mod-early' : ''}`}
        title={
          early ? trans.__('So far from %1 rows only', whole(column.count)) : undefined
        }
      >
        <Title column={column} open={open} />
        <div role="gridcell" className="orrery-eda-view-cell-spark">
          {column.note && !column.histogram && !column.top.length ? (
            <span className="orrery-eda-view-quiet" title={column.note}>
              {column.note}
            </span>
          ) : (
            <ColumnSparkline column={column} />
          )}
        </div>
        <Missing column={column} />
        <Distinct column={column} />
        <Range column={column} />
        <Badges alerts={alerts} />
      </div>
      {open && (
        <div role="gridcell" className="orrery-eda-view-below">
          <Details column={column} alerts={alerts} />
        </div>
      )}
    </>
  );
});

interface ICellProps {
  column: ColumnProfile;
}

function Title({ column, open }: ICellProps & { open: boolean }): JSX.Element {
  const { labels } = useView();
  const Type = typeIcons[column.type];
  const Caret = open ? caretDownIcon : caretRightIcon;
  const type = labels.types[column.type];
  return (
    <div role="gridcell" className="orrery-eda-view-cell-name">
      <Caret.react tag="span" className="orrery-eda-view-icon" />
      <span
        className="orrery-eda-view-type"
        role="img"
        aria-label={type}
        title={`${type} (${column.dtype})`}
      >
        <Type.react tag="span" className="orrery-eda-view-icon" />
      </span>
      <span className="orrery-eda-view-label">
        <span className="orrery-eda-view-name" title={column.name}>
          <Name name={column.name} />
        </span>
        <span className="orrery-eda-view-dtype" title={column.dtype}>
          {column.dtype}
        </span>
      </span>
    </div>
  );
}

function Missing({ column }: ICellProps): JSX.Element {
  const { trans } = useView();
  const missing = part(column.missing, column.count);
  return (
    <div
      role="gridcell"
      className="orrery-eda-view-cell-missing"
      title={trans.__(
        '%1 of %2 values are missing',
        compact(column.missing),
        compact(column.count)
      )}
    >
      <span className="orrery-eda-view-term">{trans.__('missing')}</span>
      <ShareBar value={missing} label={share(missing)} />
    </div>
  );
}

function Distinct({ column }: ICellProps): JSX.Element {
  const { trans } = useView();
  return (
    <div role="gridcell" className="orrery-eda-view-cell-distinct">
      {column.distinct !== null && (
        <span title={distinctMore(column, trans)}>
          <span className="orrery-eda-view-number">
            {column.distinct_error > 0 ? '≈ ' : ''}
            {compact(column.distinct)}
          </span>{' '}
          <span className="orrery-eda-view-term">{trans.__('distinct')}</span>
        </span>
      )}
    </div>
  );
}

function Range({ column }: ICellProps): JSX.Element {
  const { trans } = useView();
  const { minimum, maximum } = column;
  const [first, last] = ends(column, minimum, maximum);
  return (
    <div role="gridcell" className="orrery-eda-view-cell-range">
      {minimum !== null && (
        <span
          className="orrery-eda-view-end"
          title={trans.__('Minimum: %1', full(minimum))}
        >
          <Datum text={first} />
        </span>
      )}
      {minimum !== null && maximum !== null && (
        <span className="orrery-eda-view-quiet">–</span>
      )}
      {maximum !== null && (
        <span
          className="orrery-eda-view-end"
          title={trans.__('Maximum: %1', full(maximum))}
        >
          <Datum text={last} />
        </span>
      )}
    </div>
  );
}

/** What is said of a column, the gravest first: a badge a kind. */
function Badges({ alerts }: { alerts: readonly Alert[] }): JSX.Element {
  const { trans, labels } = useView();
  const kinds = new Map<Alert['code'], Alert[]>();
  for (const alert of alerts) {
    kinds.set(alert.code, [...(kinds.get(alert.code) ?? []), alert]);
  }
  const all = [...kinds];
  const rest = all.slice(MOST_BADGES);
  return (
    <div role="gridcell" className="orrery-eda-view-cell-alerts">
      {all.slice(0, MOST_BADGES).map(([code, same]) => (
        <span
          key={code}
          className="orrery-eda-view-badge"
          data-level={same[0].level}
          title={same
            .map(({ message, evidence }) => `${message}\n${evidence}`)
            .join('\n')}
        >
          <LevelIcon level={same[0].level} />
          {labels.alerts[code]}
          {same.length > 1 && (
            <span className="orrery-eda-view-number">{whole(same.length)}</span>
          )}
        </span>
      ))}
      {rest.length > 0 && (
        <span
          className="orrery-eda-view-quiet"
          title={rest.map(([code]) => labels.alerts[code]).join(', ')}
        >
          {trans.__('+%1', rest.length)}
        </span>
      )}
    </div>
  );
}
