/**
 * Which sections a run has.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { compact } from './format';
import type { RunModel } from './run';

/** The sections, in their order. */
export type SectionId =
  | 'overview'
  | 'columns'
  | 'relations'
  | 'missing'
  | 'text'
  | 'target'
  | 'drift'
  | 'alerts'
  | 'results'
  | 'checks'
  | 'report';

export interface ISection {
  id: SectionId;
  label: string;
  count?: string;
}

/** What a run has to show: what was not asked for has no tab. */
export function sectionsOf(model: RunModel, trans: TranslationBundle): ISection[] {
  const { run, overview, comparison } = model;
  const alerts = (overview?.alerts.length ?? 0) + (comparison?.alerts.length ?? 0);
  const warned = {
    id: 'alerts' as const,
    label: trans.__('Alerts'),
    count: badge(alerts)
  };
  switch (run?.task) {
    case 'comparison':
      return [
        {
          id: 'drift',
          label: trans.__('Columns'),
          count: badge(comparison?.drifts.length ?? 0)
        },
        warned
      ];
    case 'checks':
      return [{ id: 'results', label: trans.__('Results') }];
    case 'report':
      return [{ id: 'report', label: trans.__('Full report') }];
    case 'profile':
      return profile(model, trans, warned);
    default:
      return [];
  }
}

function profile(
  { run, overview }: RunModel,
  trans: TranslationBundle,
  warned: ISection
): ISection[] {
  const requested = new Set(run?.options.sections);
  const has = (...sections: string[]): boolean =>
    sections.some(section => (requested as Set<string>).has(section));
  const target = Boolean(run?.options.target) || (overview?.target ?? null) !== null;
  const all: [boolean, ISection][] = [
    [true, { id: 'overview', label: trans.__('Overview') }],
    [target && has('bivariate'), { id: 'target', label: trans.__('Target') }],
    [
      has('univariate', 'preliminary'),
      {
        id: 'columns',
        label: trans.__('Columns'),
        count: badge(overview?.columns ?? 0)
      }
    ],
    [
      has('bivariate', 'multivariate'),
      { id: 'relations', label: trans.__('Relations') }
    ],
    [has('univariate', 'multivariate'), { id: 'missing', label: trans.__('Missing') }],
    [has('text'), { id: 'text', label: trans.__('Text & time') }],
    [true, warned],
    [true, { id: 'checks', label: trans.__('Checks') }],
    [true, { id: 'report', label: trans.__('Report') }]
  ];
  return all.filter(([there]) => there).map(([, section]) => section);
}

function badge(count: number): string | undefined {
  return count > 0 ? compact(count) : undefined;
}
