/**
 * The editor of an image of the catalogue.
 */
import React from 'react';

import type { Page } from '../../../src/base/schemas';
import { toError } from '../../../src/base/errors';

import { useAdmin } from '../../context';
import { Failure } from '../../controls';
import { Editor, Section } from '../../form/editor';
import {
  CheckLine,
  ChoiceLine,
  LongTextLine,
  NumberLine,
  TextLine
} from '../../form/fields';
import { PairsLine } from '../../form/rows';
import { usePoll } from '../../poll';
import type { Image, ImageIn } from '../../schemas';
import { NEW } from '../profiles/new';

/** What the service is sent of an image that it has. */
function requestOf(image: Image): ImageIn {
  const { slug, name, description, reference, tag, digest, tag_pattern } = image;
  const { labels, is_hidden, redirect_to, position } = image;
  return {
    ...{ slug, name, description, reference, tag, digest, tag_pattern },
    ...{ labels, is_hidden, redirect_to, position }
  };
}

function initialOf(image: Image | undefined, isNew: boolean): ImageIn {
  if (!image) {
    return { slug: '', name: '', reference: '' };
  }
  const request = requestOf(image);
  return isNew
    ? { ...request, slug: `${request.slug}-copy`, name: `${request.name} (copy)` }
    : request;
}

export function ImageEditor(props: {
  readonly slug: string;
  readonly from: string | undefined;
}): JSX.Element {
  const { api, router, toasts } = useAdmin();
  const isNew = props.slug === NEW;
  const source = isNew ? props.from : props.slug;
  const images = usePoll<Page<Image>>('images?limit=200');
  const close = () => router.open('images');
  if (images.error) {
    return <Failure error={images.error} onRetry={images.refresh} />;
  }
  if (!images.value) {
    return <p className="orrery-admin-message orrery-quiet">Loading…</p>;
  }
  const image = images.value.items.find(({ slug }) => slug === source);
  if (source && !image) {
    const message = `There is no image ${JSON.stringify(source)}`;
    return <Failure error={toError({ code: 'not_found', message })} onRetry={close} />;
  }
  const save = async (body: ImageIn) => {
    const path = isNew ? 'images' : `images/${props.slug}`;
    await api.call<Image>(path, { method: isNew ? 'POST' : 'PUT', body });
    toasts.info(`${body.name} is saved.`);
  };
  const isDeclared = !isNew && image?.is_declared;
  return (
    <Editor<ImageIn>
      title={isNew ? 'New image' : (image?.name ?? '')}
      initial={initialOf(image, isNew)}
      readOnly={
        isDeclared ? 'It is declared in pools.yaml, and changed there.' : undefined
      }
      onSave={save}
      onClose={close}
    >
      {value => (
        <ImageFields
          others={(images.value?.items ?? []).filter(({ slug }) => slug !== value.slug)}
        />
      )}
    </Editor>
  );
}

function ImageFields({ others }: { others: readonly Image[] }): JSX.Element {
  return (
    <>
      <Section title="General">
        <TextLine path="name" label="Name" isRequired />
        <TextLine
          path="slug"
          label="Identifier"
          isCode
          isRequired
          hint="Lower-case letters, digits and hyphens; profiles name it."
        />
        <LongTextLine path="description" label="Description" />
        <PairsLine
          path="labels"
          label="Labels"
          hint="Shown with it, such as hardened: yes."
        />
        <NumberLine path="position" label="Position" step="1" />
      </Section>
      <Section title="Image">
        <TextLine
          path="reference"
          label="Image"
          isCode
          isRequired
          hint="Registry and repository, without a tag."
        />
        <TextLine path="tag" label="Tag" isCode hint="Empty with a digest." />
        <TextLine path="digest" label="Digest" isCode hint="sha256: and 64 digits." />
        <TextLine
          path="tag_pattern"
          label="Other tags"
          isCode
          hint="Regular expression that a whole tag has to match to be chosen; empty: none but the image’s own."
        />
      </Section>
      <Section title="Offer">
        <CheckLine
          path="is_hidden"
          label="Hidden"
          hint="Not offered for a new start."
        />
        <ChoiceLine
          path="redirect_to"
          label="Redirects to"
          options={[
            ['', 'Nothing: servers get this image'],
            ...others.map(({ slug, name }) => [slug, name] as const)
          ]}
          hint="The image that a server gets at its next start in place of this."
        />
      </Section>
    </>
  );
}
