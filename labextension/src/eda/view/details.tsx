/**
 * Everything that is known of a column.
 */
import React, { useState } from 'react';

import type { Alert, ColumnProfile, Top } from '../schemas';
import { AlertItem } from './alerts';
import { isTime, part, present, showsValues } from './charts/bins';
import { CountsChart } from './charts/counts';
import { HistogramChart } from './charts/histogram';
import { full, share, shown, whole } from './format';
import { useView } from './context';
import { Datum, WithCode } from './components';
import { factsOf, type IFacts } from './statistics';

const FIRST = 8;
const HOURS = Array.from(
  { length: 24 },
  (_, hour) => `${String(hour).padStart(2, '0')}:00`
);

/** Alerts above; below them charts, statistics and frequent values beside each other. */
export function Details({
  column,
  alerts
}: {
  column: ColumnProfile;
  alerts: readonly Alert[];
}): JSX.Element {
  const { trans, labels } = useView();
  return (
    <div className="orrery-eda-view-details">
      {column.note && <p className="orrery-eda-view-note">{column.note}</p>}
      {alerts.length > 0 && (
        <ul className="orrery-eda-view-alerts">
          {alerts.map(alert => (
            <AlertItem key={alert.id} alert={alert} within />
          ))}
        </ul>
      )}
      <div className="orrery-eda-view-details-parts">
        <Charts column={column} />
        {factsOf(column, trans, labels).map(group => (
          <Facts key={group.title} group={group} />
        ))}
        {column.top.length > 0 && (
          <Frequent
            title={trans.__('Most frequent values')}
            column={column}
            top={column.top}
            clickable
          />
        )}
        <TextTables column={column} />
        {column.time && <Times column={column} />}
      </div>
    </div>
  );
}

/** The histogram of the values, and that of the lengths where the values say little. */
function Charts({ column }: { column: ColumnProfile }): JSX.Element {
  const { trans, insert } = useView();
  const { histogram, text } = column;
  const lengths = showsValues(column) ? null : text?.lengths;
  return (
    <>
      {histogram && histogram.counts.length > 0 && (
        <div className="orrery-eda-view-details-chart">
          <HistogramChart
            histogram={histogram}
            isTime={isTime(column)}
            of={present(column)}
            name={column.name}
            outliers={column.outliers}
          />
          <button
            type="button"
            className="orrery-eda-view-link"
            title={trans.__('Insert code that draws this into the notebook')}
            onClick={() =>
              insert({
                what: 'statistic',
                statistic: 'histogram',
                column: column.index
              })
            }
          >
            {trans.__('Insert as code')}
          </button>
        </div>
      )}
      {lengths && lengths.counts.length > 0 && (
        <div className="orrery-eda-view-details-chart">
          <h3 className="orrery-eda-view-minor">{trans.__('Lengths')}</h3>
          <HistogramChart
            histogram={lengths}
            isTime={false}
            of={present(column)}
            name={trans.__('lengths of %1', column.name)}
          />
        </div>
      )}
    </>
  );
}

/** The forms and the words of texts, where they are known. */
export function TextTables({ column }: { column: ColumnProfile }): JSX.Element {
  const { trans } = useView();
  const { patterns = [], words = [] } = column.text ?? {};
  const note = column.text?.estimated ? ` ${trans.__('(estimated)')}` : '';
  return (
    <>
      {patterns.length > 0 && (
        <Frequent
          title={`${trans.__('Forms')}${note}`}
          column={column}
          top={patterns}
        />
      )}
      {words.length > 0 && (
        <Frequent title={`${trans.__('Words')}${note}`} column={column} top={words} />
      )}
    </>
  );
}

/** Statistics that are read together, each with a button that inserts code for it. */
export function Facts({ group }: { group: IFacts }): JSX.Element {
  return (
    <div className="orrery-eda-view-facts">
      <h3 className="orrery-eda-view-minor">{group.title}</h3>
      <dl>
        {group.facts.map(fact => (
          <div key={fact.label}>
            <dt>{fact.label}</dt>
            <dd>
              <WithCode request={fact.request} about={fact.more}>
                <Datum text={fact.text} />
              </WithCode>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

interface IFrequentProps {
  title: string;
  column: ColumnProfile;
  top: readonly Top[];
  /** Whether they are values of the data, for which there is code. */
  clickable?: boolean;
}

/** Values with how often they occur, as bars. */
export function Frequent(props: IFrequentProps): JSX.Element {
  const { trans, insert } = useView();
  const { title, column, top, clickable } = props;
  const [most, setMost] = useState(FIRST);
  const rest = top.length - most;
  return (
    <div className="orrery-eda-view-frequent">
      <h3 className="orrery-eda-view-minor">{title}</h3>
      <ul>
        {top.slice(0, most).map((entry, index) => (
          <li key={index}>
            <FrequentValue {...props} entry={entry} />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <button
          type="button"
          className="orrery-eda-view-link orrery-mod-more"
          onClick={() => setMost(top.length)}
        >
          {trans._n('Show %1 more', 'Show %1 more', rest)}
        </button>
      )}
      {clickable && (
        <button
          type="button"
          className="orrery-eda-view-link"
          title={trans.__('Insert code that counts the values into the notebook')}
          onClick={() =>
            insert({ what: 'statistic', statistic: 'top', column: column.index })
          }
        >
          {trans.__('Insert as code')}
        </button>
      )}
    </div>
  );
}

function FrequentValue(props: IFrequentProps & { entry: Top }): JSX.Element {
  const { column, clickable } = props;
  const { value, count } = props.entry;
  const of = present(column);
  const content = (
    <>
      <span
        className="orrery-eda-view-value-bar"
        style={{ inlineSize: `${part(count, of) * 100}%` }}
      />
      <Datum text={shown(value)} />
      <span className="orrery-eda-view-number">{whole(count)}</span>
      <span className="orrery-eda-view-number orrery-eda-view-quiet">
        {share(part(count, of))}
      </span>
    </>
  );
  return clickable ? (
    <WithCode
      className="orrery-eda-view-value"
      request={{ what: 'value', column: column.index, value }}
      about={full(value)}
    >
      {content}
    </WithCode>
  ) : (
    <span className="orrery-eda-view-value" title={full(value)}>
      {content}
    </span>
  );
}

/** When the rows of a time lie in the week and in the day. */
export function Times({ column }: { column: ColumnProfile }): JSX.Element | null {
  const { trans, labels } = useView();
  const { weekdays = [], hours = [] } = column.time ?? {};
  if (!weekdays.length && !hours.length) {
    return null;
  }
  return (
    <div className="orrery-eda-view-times">
      {weekdays.length > 0 && (
        <CountsChart
          counts={weekdays}
          names={labels.weekdays}
          label={trans.__('Weekdays')}
        />
      )}
      {hours.length > 0 && (
        <CountsChart counts={hours} names={HOURS} label={trans.__('Hours')} />
      )}
    </div>
  );
}
