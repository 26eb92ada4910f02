/**
 * What the person should know before the data is used, the worst first, and its quick fixes.
 */
import React, { useState } from 'react';

import { Button } from '../../base/controls';
import type { Alert, Level } from '../schemas';
import { whole } from './format';
import { useView } from './context';
import { LEVELS } from './severity';
import { Action, ColumnLink, Empty, LevelIcon } from './components';

const FIRST = 100;
const MOST_NAMES = 12;

/** The section with every alert. */
export function Alerts({ alerts }: { alerts: readonly Alert[] }): JSX.Element {
  const { model, trans } = useView();
  if (!alerts.length) {
    return model.active ? (
      <Empty
        title={trans.__('No alerts so far')}
        text={trans.__(
          'They are looked for when the relations between columns are known.'
        )}
      />
    ) : (
      <Empty
        title={trans.__('No alerts')}
        text={trans.__('Nothing in this table looks out of order.')}
      />
    );
  }
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      {LEVELS.map(level => (
        <LevelGroup
          key={level}
          level={level}
          alerts={alerts.filter(alert => alert.level === level)}
        />
      ))}
    </div>
  );
}

function LevelGroup({
  level,
  alerts
}: {
  level: Level;
  alerts: readonly Alert[];
}): JSX.Element | null {
  const { trans, labels } = useView();
  const [most, setMost] = useState(FIRST);
  if (!alerts.length) {
    return null;
  }
  const rest = alerts.length - most;
  return (
    <section className="orrery-eda-view-block">
      <div className="orrery-eda-view-block-head">
        <LevelIcon level={level} />
        <h3>{labels.levels[level]}</h3>
        <span className="orrery-eda-view-quiet">{whole(alerts.length)}</span>
      </div>
      <ul className="orrery-eda-view-alerts">
        {alerts.slice(0, most).map(alert => (
          <AlertItem key={alert.id} alert={alert} />
        ))}
      </ul>
      {rest > 0 && (
        <Action
          label={trans._n('Show %1 more', 'Show %1 more', rest)}
          onClick={() => setMost(alerts.length)}
        />
      )}
    </section>
  );
}

/** One alert: what, the evidence, the columns, and buttons that insert the code of a quick fix. */
export function AlertItem({
  alert,
  within
}: {
  alert: Alert;
  /** It stands with its column: which is not said again. */
  within?: boolean;
}): JSX.Element {
  const { insert, trans, labels } = useView();
  return (
    <li className="orrery-eda-view-alert" data-level={alert.level}>
      <span className="orrery-eda-view-alert-kind">
        {within && <LevelIcon level={alert.level} />}
        {labels.alerts[alert.code]}
      </span>
      <div className="orrery-eda-view-alert-text">
        <p>
          <bdi>{alert.message}</bdi>
        </p>
        {alert.evidence && (
          <p className="orrery-eda-view-quiet">
            <bdi>{alert.evidence}</bdi>
          </p>
        )}
        {!within && alert.names.length > 0 && <ColumnNames names={alert.names} />}
      </div>
      {alert.fixes.length > 0 && (
        <span className="orrery-eda-view-fixes">
          {alert.fixes.map((fix, place) => (
            <Button
              key={place}
              className="orrery-eda-view-fix"
              title={trans.__('%1\nInserts the code for it into the notebook', fix)}
              onClick={() => insert({ what: 'fix', alert: alert.id, fix: place })}
            >
              {fix}
            </Button>
          ))}
        </span>
      )}
    </li>
  );
}

/** Names of columns; a click shows the column. */
export function ColumnNames({ names }: { names: readonly string[] }): JSX.Element {
  const { trans } = useView();
  const rest = names.length - MOST_NAMES;
  return (
    <span className="orrery-eda-view-names">
      {names.slice(0, MOST_NAMES).map((name, place) => (
        <ColumnLink key={place} name={name} className="orrery-eda-view-chip" />
      ))}
      {rest > 0 && (
        <span
          className="orrery-eda-view-quiet"
          title={names.slice(MOST_NAMES, MOST_NAMES + 100).join(', ')}
        >
          {trans._n('and %1 more', 'and %1 more', rest)}
        </span>
      )}
    </span>
  );
}
