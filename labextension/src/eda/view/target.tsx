/**
 * How the column that is to be predicted moves with the others.
 */
import React from 'react';

import type { Group, TargetEffect } from '../schemas';
import { Strength } from './associations';
import { number, share, whole } from './format';
import { useNames, useView } from './context';
import { Block, ColumnLink, Datum, Empty, LoadingPage, WithCode } from './components';

/** The section about the target. */
export function Target(): JSX.Element {
  const { model, trans } = useView();
  const { target = null, effects = [] } = model.overview ?? {};
  useNames([
    ...(target === null ? [] : [target]),
    ...effects.map(({ column }) => column)
  ]);
  if (target === null || !effects.length) {
    return model.active ? (
      <LoadingPage />
    ) : (
      <Empty
        title={trans.__('No effects')}
        text={trans.__(
          'No column tells anything of "%1".',
          model.run?.options.target ?? ''
        )}
      />
    );
  }
  const sorted = [...effects].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      <p>
        {trans.__('What tells most of')} <ColumnLink name={model.name(target)} />
      </p>
      <div className="orrery-eda-view-effects">
        {sorted.map(effect => (
          <Effect key={effect.column} effect={effect} />
        ))}
      </div>
    </div>
  );
}

function Effect({ effect }: { effect: TargetEffect }): JSX.Element {
  const { model, trans, labels } = useView();
  const { column, groups, measure, value } = effect;
  const name = model.name(column);
  const isShare = groups.some(group => group.share !== null);
  const most = Math.max(...groups.map(group => Math.abs(group.mean ?? 0)), 1e-300);
  return (
    <Block
      title={name}
      note={labels.measures[measure]}
      actions={
        <WithCode
          request={{ what: 'statistic', statistic: 'associations', column }}
          about={trans.__('%1 and the target: %2', name, number(value))}
        >
          <Strength value={value} />
        </WithCode>
      }
    >
      {groups.length > 0 && (
        <div className="orrery-eda-view-table">
          <table>
            <thead>
              <tr>
                <th scope="col">{trans.__('Where it is')}</th>
                <th scope="col">{trans.__('Rows')}</th>
                <th scope="col">
                  {isShare
                    ? trans.__('Share of the target')
                    : trans.__('Mean of the target')}
                </th>
              </tr>
            </thead>
            <tbody>
              {groups.map((group, index) => (
                <tr key={index}>
                  <th scope="row">
                    <Datum text={group.label} />
                  </th>
                  <td data-kind="number">{whole(group.rows)}</td>
                  <td>
                    <Level group={group} most={most} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Block>
  );
}

function Level({ group, most }: { group: Group; most: number }): JSX.Element {
  const { mean } = group;
  const size = group.share ?? Math.abs(mean ?? 0) / most;
  return (
    <span
      className="orrery-eda-view-strength"
      data-sign={(mean ?? 0) < 0 ? 'minus' : 'plus'}
    >
      <span className="orrery-eda-view-share-track" aria-hidden>
        <span style={{ inlineSize: `${Math.min(1, size) * 100}%` }} />
      </span>
      <span className="orrery-eda-view-number">
        {group.share !== null ? share(group.share) : mean === null ? '' : number(mean)}
      </span>
    </span>
  );
}
