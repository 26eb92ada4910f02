/**
 * A short list inside of details: the first of a page, and how many more there are.
 */
import React from 'react';

import type { Page } from '../src/base/schemas';

import { Failure } from './controls';
import type { IPoll } from './poll';

export function Items<T>(props: {
  readonly page: IPoll<Page<T>>;
  readonly keyOf: (item: T) => React.Key;
  readonly children: (item: T) => React.ReactNode;
  /** What is said if there is none. */
  readonly empty?: string;
}): JSX.Element {
  const { value: page, error, refresh } = props.page;
  if (error) {
    return <Failure error={error} onRetry={refresh} />;
  }
  const more = page ? page.total - page.items.length : 0;
  return (
    <ul className="orrery-admin-list" aria-busy={!page}>
      {page?.items.map(item => (
        <li key={props.keyOf(item)}>{props.children(item)}</li>
      ))}
      {page?.total === 0 && props.empty && (
        <li className="orrery-quiet">{props.empty}</li>
      )}
      {more > 0 && (
        <li className="orrery-quiet">and {more.toLocaleString('en')} more</li>
      )}
    </ul>
  );
}
