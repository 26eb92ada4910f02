/**
 * What the rows of the tree show.
 */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { commandAction, type IRow, type IRowAction } from '../../base/panel/row';
import { sentence } from '../../base/notify';
import { CommandIDs } from '../commands';
import { placeOf } from '../commandargs';
import { entryIcon, locationIcon, noteIcon, starIcon, warningIcon } from '../icons';
import { nameOf, type INode, type INote, type TreeModel, type TreeRow } from '../model';
import type { PlaceStore } from '../places';
import type { Entry, Location } from '../schemas';
import { bytes, short } from '../sizes';

interface IRowContext {
  commands: CommandRegistry;
  model: TreeModel;
  places: PlaceStore;
  trans: TranslationBundle;
}

/** The row of a location, of something in one, or of a note. */
export function treeRow(context: IRowContext, row: TreeRow): IRow {
  if (row.kind !== 'node') {
    return noteRow(context, row);
  }
  const { commands, places, trans } = context;
  const place = placeOf(row);
  const args = { ...place };
  const { entry, location } = row;
  const isFavourite = places.isFavourite(place);
  const problem = entry?.problem ?? '';
  return {
    icon: entry ? entryIcon(entry) : locationIcon(location),
    iconTitle: entry ? kindText(entry, trans) : location.source,
    name: nameOf(row),
    facts: entry ? entryFacts(entry, trans) : locationFacts(location, trans),
    time: entry?.modified ?? undefined,
    title: titleOf(row, trans),
    mark: isFavourite ? { icon: starIcon, title: trans.__('Favourite') } : undefined,
    badge: problem ? { text: '!', title: problem } : undefined,
    data: {
      'data-location': location.id,
      'data-kind': entry?.kind ?? 'location',
      'data-connection': location.connection !== null && !entry && location.may_write,
      'data-loadable': Boolean(entry) && !['folder', 'schema'].includes(entry!.kind),
      'data-writable': location.kind !== 'database' && !location.is_read_only,
      'data-folder': entry ? entry.has_children : true
    },
    actions: actionsOf(context, row).map(id => commandAction(commands, id, args))
  };
}

function actionsOf({ model }: IRowContext, row: INode): string[] {
  const isLoadable = row.entry && !['folder', 'schema'].includes(row.entry.kind);
  return [
    ...(isLoadable ? [CommandIDs.insert] : []),
    ...(model.isExpandable(row) && row.entry ? [CommandIDs.enter] : [])
  ];
}

/** What stands in the place of entries. */
function noteRow({ model, trans }: IRowContext, note: INote): IRow {
  const again: IRowAction = {
    icon: refreshIcon,
    label: trans.__('Try again'),
    run: () => void model.reload(note.parent)
  };
  const texts: Record<INote['kind'], string> = {
    more: trans.__('Loading more…'),
    loading: trans.__('Loading…'),
    empty: model.filtered ? trans.__('Nothing matches') : trans.__('Nothing in it'),
    failed: note.kind === 'failed' ? sentence(note.error, trans) : '',
    notice: note.text
  };
  const isProblem = note.kind === 'failed' || note.kind === 'notice';
  return {
    icon: isProblem ? warningIcon : noteIcon,
    name: texts[note.kind],
    title: texts[note.kind],
    isNote: true,
    data: { 'data-note': note.kind },
    actions: note.kind === 'failed' ? [again] : []
  };
}

function locationFacts(location: Location, trans: TranslationBundle): string[] {
  const { audience, is_read_only: isReadOnly, may_use: mayUse, project } = location;
  return [
    mayUse ? '' : trans.__('not for your role'),
    isReadOnly ? trans.__('read-only') : '',
    audience === 'project' ? (project ?? '') : '',
    audience === 'platform' ? trans.__('everybody') : '',
    location.kind === 'files' ? '' : location.address
  ];
}

function entryFacts(entry: Entry, trans: TranslationBundle): string[] {
  const { comment, key, rows, size, type } = entry;
  return [
    type,
    key === 'primary' ? trans.__('key') : '',
    size === null ? '' : bytes(size),
    rows === null ? '' : trans.__('~%1 rows', short(rows)),
    comment
  ];
}

/** What the browser shows when the pointer rests on a row. */
function titleOf(row: INode, trans: TranslationBundle): string {
  const { entry, location } = row;
  const lines = entry
    ? [
        nameOf(row),
        [kindText(entry, trans), entry.type].filter(Boolean).join(' · '),
        entry.size === null ? '' : trans.__('Size: %1', bytes(entry.size)),
        entry.modified ? trans.__('Changed: %1', Time.format(entry.modified)) : '',
        entry.owner ? trans.__('Owner: %1', entry.owner) : '',
        entry.comment,
        entry.problem
      ]
    : [location.title, location.address, location.description];
  return lines.filter(Boolean).join('\n');
}

/** What a kind of entry is called. */
export function kindText(
  { kind }: Pick<Entry, 'kind'>,
  trans: TranslationBundle
): string {
  const texts: Record<Entry['kind'], string> = {
    folder: trans.__('Folder'),
    file: trans.__('File'),
    schema: trans.__('Schema'),
    table: trans.__('Table'),
    view: trans.__('View'),
    materialized_view: trans.__('Materialized view'),
    foreign_table: trans.__('Foreign table'),
    partitioned_table: trans.__('Partitioned table'),
    column: trans.__('Column')
  };
  return texts[kind];
}
