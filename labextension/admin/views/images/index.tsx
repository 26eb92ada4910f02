/**
 * The catalogue of images: what servers can start from.
 */
import React, { useState } from 'react';

import { momentColumn, slugColumn, textColumn } from '../../columns';
import { useAdmin } from '../../context';
import { Badge, Button } from '../../controls';
import { Dialog } from '../../dialog';
import { Moment } from '../../format';
import { Facts, ListView, type IList } from '../../listview';
import type { Image } from '../../schemas';
import { useStore } from '../../store';
import type { IColumn } from '../../table/column';
import { NEW } from '../profiles/new';

import { ImageEditor } from './editor';

const COLUMNS: readonly IColumn<Image>[] = [
  textColumn('name', 'Name', image => image.name, {
    width: 'minmax(140px, 1.5fr)',
    isSortable: true
  }),
  slugColumn('reference', 'Image', image => image.reference, {
    width: 'minmax(160px, 2fr)'
  }),
  textColumn('tag', 'Tag', tagOf),
  textColumn('labels', 'Labels', labelsOf, { width: 'minmax(120px, 1.5fr)' }),
  momentColumn('created', 'Added', image => image.created, { isSortable: true }),
  {
    id: 'state',
    title: 'State',
    width: 'minmax(110px, 1fr)',
    cell: image => <State image={image} />
  }
];

function tagOf(image: Image): string {
  return image.digest ? `${image.digest.slice(0, 15)}…` : image.tag || 'latest';
}

function labelsOf(image: Image): string {
  return Object.entries(image.labels)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

function State({ image }: { image: Image }): JSX.Element {
  if (image.redirect_to) {
    return <Badge level="warning">Redirects to {image.redirect_to}</Badge>;
  }
  return image.is_hidden ? <Badge>Hidden</Badge> : <Badge level="good">Offered</Badge>;
}

export function ImagesView(): JSX.Element {
  const { router } = useAdmin();
  const { params } = useStore(router.route);
  if (params.edit) {
    return <ImageEditor key={params.edit} slug={params.edit} from={params.from} />;
  }
  return (
    <ListView<Image>
      title="Images"
      noun={['image', 'images']}
      path="images"
      search="Search images by name"
      sort="position"
      columns={COLUMNS}
      idOf={image => image.slug}
      empty="The catalogue is empty: every server starts from the image that the hub is set to."
      actions={() => (
        <Button look="accent" onClick={() => router.open('images', { edit: NEW })}>
          New Image…
        </Button>
      )}
      details={(image, list) => <Details key={image.slug} image={image} list={list} />}
    />
  );
}

function Details(props: { image: Image; list: IList<Image> }): JSX.Element {
  const { image, list } = props;
  const { api, router } = useAdmin();
  const [isDeleting, setDeleting] = useState(false);
  const remove = async () => {
    await api.call(`images/${image.slug}`, { method: 'DELETE' });
    list.refresh();
  };
  return (
    <>
      <h2>{image.name}</h2>
      <p className="orrery-admin-prose">{image.description}</p>
      <Facts
        facts={[
          ['State', <State key="state" image={image} />],
          ['Short name', <code key="slug">{image.slug}</code>],
          ['Image', <code key="reference">{image.reference}</code>],
          ['Tag', image.tag || '–'],
          ['Digest', image.digest || '–'],
          ['Other tags', image.tag_pattern || 'None'],
          ['Labels', labelsOf(image) || 'None'],
          ['Changed', <Moment key="updated" when={image.updated} />]
        ]}
      />
      {image.is_declared && (
        <p className="orrery-quiet">It is declared in pools.yaml, and changed there.</p>
      )}
      <div className="orrery-admin-actions">
        <Button onClick={() => router.open('images', { edit: image.slug })}>
          {image.is_declared ? 'Show All' : 'Edit…'}
        </Button>
        <Button onClick={() => router.open('images', { edit: NEW, from: image.slug })}>
          Duplicate…
        </Button>
        {!image.is_declared && (
          <Button look="error" onClick={() => setDeleting(true)}>
            Delete…
          </Button>
        )}
      </div>
      {isDeleting && (
        <Dialog
          title={`Delete ${image.name}`}
          accept="Delete"
          isDangerous
          onAccept={remove}
          onClose={() => setDeleting(false)}
        >
          <p>No server can start from it any more. Servers that run go on.</p>
        </Dialog>
      )}
    </>
  );
}
