/**
 * What narrows and orders the tree.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useSignal } from '../../base/hooks';
import { usePanel } from '../../base/panel/context';
import { FilterField } from '../../base/panel/filterfield';
import { Select } from '../../base/controls';
import { useParts } from '../context';
import type { Sort } from '../schemas';
import { SORTS } from '../settings';

/** The filter field, whether names must begin with it, and the order. */
export function Filters(): JSX.Element {
  const { model, preferences } = useParts();
  const { trans } = usePanel();
  useSignal(model.changed);
  const labels = sortLabels(trans);
  return (
    <>
      <FilterField
        placeholder={trans.__('Filter data')}
        title={trans.__(
          'Filter names in what is open; the store or database looks for them'
        )}
        value={model.query}
        onChange={query => model.filter(query)}
      />
      <div className="orrery-data-filters">
        <label
          className="orrery-tick"
          title={trans.__('A store jumps there, however many entries it has')}
        >
          <input
            type="checkbox"
            checked={model.isPrefix}
            onChange={event => model.filter(model.query, event.currentTarget.checked)}
          />
          <span>{trans.__('Begins with')}</span>
        </label>
        <Select
          label={trans.__('Order')}
          value={model.sort}
          options={SORTS.map(sort => [sort, labels[sort]] as const)}
          onChange={sort => void preferences.set('sort', sort)}
        />
      </div>
    </>
  );
}

function sortLabels(trans: TranslationBundle): Record<Sort, string> {
  return {
    name: trans.__('Name'),
    '-name': trans.__('Name, Z to A'),
    size: trans.__('Smallest'),
    '-size': trans.__('Largest'),
    modified: trans.__('Oldest'),
    '-modified': trans.__('Newest')
  };
}
