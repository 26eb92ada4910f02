/**
 * Everything that is known of a column.
 */
import React, { useState } from 'react';

import type { Alert, ColumnProfile, Top } from '../schemas';
import { AlertItem } from './alerts';
import { isTime, part, present, showsValues } from './bins';
import { HistogramChart, Strip } from './chart';
import { full, share, shown, whole } from './format';
import { useView } from './hooks';
import { CodeButton, Datum } from './parts';
import { factsOf, type IFacts } from './statistics';

const FIRST = 8;

/** Charts on the left, statistics and frequent values beside them, alerts below. */
export function Details({
  column,
  alerts
}: {
  column: ColumnProfile;
  alerts: readonly Alert[];
}): JSX.Element {
  const { trans, words, insert } = useView();
  const { histogram, text } = column;
  const lengths = showsValues(column) ? null : text?.lengths;
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
        {factsOf(column, trans, words).map(group => (
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
        {text && text.patterns.length > 0 && (
          <Frequent title={trans.__('Forms')} column={column} top={text.patterns} />
        )}
        {text && text.words.length > 0 && (
          <Frequent title={trans.__('Words')} column={column} top={text.words} />
        )}
        {column.time && <Times column={column} />}
      </div>
    </div>
  );
}

function Facts({ group }: { group: IFacts }): JSX.Element {
  return (
    <div className="orrery-eda-view-facts">
      <h3 className="orrery-eda-view-minor">{group.title}</h3>
      <dl>
        {group.facts.map(fact => (
          <div key={fact.label}>
            <dt>{fact.label}</dt>
            <dd>
              <CodeButton wanted={fact.wanted} about={fact.more}>
                <Datum text={fact.text} />
              </CodeButton>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Values with how often they occur, as bars. */
export function Frequent(props: {
  title: string;
  column: ColumnProfile;
  top: readonly Top[];
  /** Whether they are values of the data, for which there is code. */
  clickable?: boolean;
}): JSX.Element {
  const { trans, insert } = useView();
  const { title, column, top, clickable } = props;
  const of = present(column);
  const [most, setMost] = useState(FIRST);
  const rest = top.length - most;
  return (
    <div className="orrery-eda-view-frequent">
      <h3 className="orrery-eda-view-minor">{title}</h3>
      <ul>
        {top.slice(0, most).map(({ value, count }, place) => {
          const line = (
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
          return (
            <li key={place}>
              {clickable ? (
                <CodeButton
                  className="orrery-eda-view-value"
                  wanted={{ what: 'value', column: column.index, value }}
                  about={full(value)}
                >
                  {line}
                </CodeButton>
              ) : (
                <span className="orrery-eda-view-value" title={full(value)}>
                  {line}
                </span>
              )}
            </li>
          );
        })}
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

/** When the rows of a time lie in the week and in the day. */
export function Times({ column }: { column: ColumnProfile }): JSX.Element | null {
  const { trans, words } = useView();
  const { weekdays = [], hours = [] } = column.time ?? {};
  if (!weekdays.length && !hours.length) {
    return null;
  }
  return (
    <div className="orrery-eda-view-times">
      {weekdays.length > 0 && (
        <Strip counts={weekdays} names={words.weekdays} label={trans.__('Weekdays')} />
      )}
      {hours.length > 0 && (
        <Strip
          counts={hours}
          names={hours.map((_, hour) => `${String(hour).padStart(2, '0')}:00`)}
          label={trans.__('Hours')}
        />
      )}
    </div>
  );
}
