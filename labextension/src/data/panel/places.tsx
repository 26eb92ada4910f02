/**
 * Favourites and recent places, above the tree.
 */
import type { LabIcon } from '@jupyterlab/ui-components';
import React, { useMemo } from 'react';

import { executeOwn } from '../../base/registry';
import { useSignal } from '../../base/hooks';
import { usePanel } from '../../base/panel/context';
import { ArraySource } from '../../base/panel/listsource';
import type { IRow } from '../../base/panel/row';
import { Section } from '../../base/panel/section';
import { Selection } from '../../base/panel/selection';
import { VirtualList } from '../../base/panel/virtuallist';
import { CommandIDs } from '../commands';
import { useParts } from '../context';
import { dataIcon, entryIcon, starIcon } from '../icons';
import { keyOf } from '../path';
import type { IKnownPlace } from '../places';
import type { Entry } from '../schemas';

const keyOfPlace = ({ location, path }: IKnownPlace): string => keyOf(location, path);

/** The two sections; neither is drawn while it is empty, or a folder is the top of the tree. */
export function Places(): JSX.Element | null {
  const { model, places } = useParts();
  const { trans } = usePanel();
  useSignal(places.changed);
  useSignal(model.changed);
  if (model.root || model.filtered) {
    return null;
  }
  return (
    <>
      <PlaceSection
        id="favourites"
        title={trans.__('Favourites')}
        places={places.favourites}
      />
      <PlaceSection id="recent" title={trans.__('Recent')} places={places.recent} />
    </>
  );
}

function PlaceSection(props: {
  id: string;
  title: string;
  places: readonly IKnownPlace[];
}): JSX.Element | null {
  const { commands, model } = useParts();
  const selection = useMemo(() => new Selection<IKnownPlace>(keyOfPlace), []);
  const source = useMemo(() => {
    const list = new ArraySource<IKnownPlace>({
      keyOf: keyOfPlace,
      nameOf: ({ name }) => name
    });
    // What lies in a location that is gone, or cannot be listed now, leads nowhere.
    list.set(props.places.filter(({ location }) => model.location(location)));
    return list;
  }, [props.places, model.locations]);
  if (source.total === 0) {
    return null;
  }
  const open = (place: IKnownPlace): void => {
    const location = model.location(place.location);
    if (!location) {
      return;
    }
    if (['folder', 'schema', 'location'].includes(place.kind)) {
      void model.enter({ location, path: place.path });
    } else {
      const { path } = place;
      void executeOwn(commands, CommandIDs.open, { location: location.id, path });
    }
  };
  return (
    <Section id={props.id} title={props.title} count={source.total}>
      <VirtualList
        label={props.title}
        source={source}
        selection={selection}
        row={place =>
          placeRow(place, model.location(place.location)?.title ?? '', {
            icon: starIcon,
            label: commands.label(CommandIDs.favourite, argsOf(place)),
            run: () => void executeOwn(commands, CommandIDs.favourite, argsOf(place))
          })
        }
        onOpen={open}
      />
    </Section>
  );
}

function argsOf({ location, path }: IKnownPlace): { location: string; path: string } {
  return { location, path };
}

function placeRow(
  place: IKnownPlace,
  location: string,
  action: { icon: LabIcon; label: string; run: () => void }
): IRow {
  const isLocation = place.kind === 'location';
  return {
    icon: isLocation ? dataIcon : entryIcon({ kind: place.kind } as Entry),
    name: place.name,
    facts: isLocation ? [] : [location],
    title: `${location}\n${place.path}`,
    isNote: true,
    data: { 'data-place': place.location },
    actions: [action]
  };
}
