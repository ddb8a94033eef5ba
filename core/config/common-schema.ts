import { capabilities } from './names'
import { webhookTypes } from './webhook-types'

/** `^[a-z0-9]…`: what a host, a service, a recipe and a job may be called. */
export const idPattern = '^[a-z0-9][a-z0-9._-]{0,63}$'
/** A model on Hugging Face. */
export const repoPattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$'
const namePattern = '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,191}$'
const idRule =
  'use lower-case letters, digits, dots, dashes or underscores, at most 64, beginning with a letter or digit'
const textRule = 'write one line of text without control characters'

const id = { pattern: idPattern, patternErrorMessage: idRule }
const text = (description: string, maxLength = 120) => ({
  type: ['string', 'null'],
  description,
  maxLength,
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$',
  patternErrorMessage: textRule,
})
const path = (description: string) => ({
  type: ['string', 'null'],
  description,
  maxLength: 512,
  pattern: '^(/|~/)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f]*$',
  patternErrorMessage: 'write an absolute path or one that begins with ~/, without ".."',
})
const user = (description: string) => ({
  type: 'string',
  description,
  pattern: '^[a-z_][a-z0-9_-]{0,31}$',
  patternErrorMessage: 'use the login name: lower-case letters, digits, dashes or underscores, at most 32',
})
const address = (description: string, type: string | string[] = 'string') => ({
  type,
  description,
  minLength: 1,
  maxLength: 300,
})

const host = {
  type: 'object',
  description: 'One Spark.',
  required: ['address', 'user'],
  additionalProperties: false,
  properties: {
    address: address(
      'IPv4 address of the Spark, or a name that your DNS server resolves to one (names ending in .local do not work).',
    ),
    user: user('Login name on the Spark that commands run under; it needs no sudo.'),
    ssh_port: { type: 'integer', description: 'Port of the SSH server.', minimum: 1, maximum: 65535, default: 22 },
    launcher: path('Folder of spark-vllm-docker on this Spark; leave it out where nothing is launched.'),
    fabric: address('IPv4 address on the fast link between Sparks, where there is one.', ['string', 'null']),
    models: {
      type: ['array', 'null'],
      description:
        "Folders with models besides the login's own Hugging Face cache: another user's cache, a container's volume, or a folder of model folders.",
      items: { ...path(''), type: 'string', description: 'Absolute, or beginning with ~/.' },
      maxItems: 16,
      uniqueItems: true,
    },
    reserve_gib: {
      type: 'number',
      description: 'Memory in GiB that no model is given, so that the Spark stays reachable.',
      minimum: 0,
      maximum: 64,
      default: 4,
    },
    title: text('Name on the page; the id when left out.'),
  },
}

const recipeSource = {
  type: 'object',
  description: 'A folder of recipes that others keep.',
  required: ['name', 'folder'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', description: 'What it is called on the page.', ...id },
    folder: path('Folder or git checkout; subfolders are looked into.'),
    host: { type: 'string', description: 'Id of the Spark it lies on; this controller when left out.', ...id },
    trusted: {
      type: 'boolean',
      description: 'Its recipes may run without their commands having been shown and accepted.',
      default: false,
    },
  },
}

const webhook = {
  type: 'object',
  description: 'One receiver of signed messages, as Standard Webhooks describes them.',
  required: ['url', 'secret'],
  additionalProperties: false,
  properties: {
    url: {
      type: 'string',
      description: 'Where messages are posted to; an address of your network is fine.',
      minLength: 1,
      maxLength: 2048,
    },
    secret: {
      type: 'string',
      description:
        'Name of the secret that signs the messages; its value (`whsec_…` or plain text) is set on the page and stands in no file of yours.',
      pattern: '^(?!whsec_)[A-Za-z_][A-Za-z0-9_]{0,63}$',
      patternErrorMessage: 'write the name of the secret, for example WEBHOOK_SECRET, never the secret itself',
    },
    events: {
      type: ['array', 'null'],
      description: 'What it is told of; everything when left out.',
      items: { enum: [...webhookTypes] },
      uniqueItems: true,
    },
  },
}

/** What every service may set, whatever its kind. */
export const serviceProperties = {
  host: { type: 'string', description: 'Id of the host it runs on.', ...id },
  hosts: {
    type: 'array',
    description: 'Ids of the hosts it may span instead of `host`, the head first.',
    items: { type: 'string', ...id },
    minItems: 1,
    uniqueItems: true,
  },
  port: {
    type: ['integer', 'null'],
    description: "Port on the (head) host; the kind's own when left out.",
    minimum: 1,
    maximum: 65535,
  },
  container: {
    type: ['string', 'null'],
    description: 'Name of its Docker container, for logs, start and stop.',
    pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$',
    patternErrorMessage: 'use the name that `docker ps` shows: letters, digits, dots, dashes or underscores',
  },
  title: text('Name on the page; the id when left out.'),
  model: {
    type: ['string', 'null'],
    description: 'The one model it serves, by the name it answers to.',
    pattern: namePattern,
    patternErrorMessage: 'write it as the service names it, for example org/name',
  },
  offers: {
    type: 'array',
    description: 'What an app may name in `model` to reach it.',
    items: { enum: [...capabilities] },
    uniqueItems: true,
  },
  hidden: { type: 'boolean', description: 'Served, but not shown on the page.', default: false },
  disabled: { type: 'boolean', description: 'Kept in the file, but neither watched nor served.', default: false },
  user: {
    ...user("Login name for this service where it is not the host's; it gets its own connection."),
    type: ['string', 'null'],
    pattern: '^([a-z_][a-z0-9_-]{0,31})?$',
  },
  limits: {
    type: 'object',
    description: 'How much it takes at once; more is answered with 429.',
    additionalProperties: false,
    properties: {
      concurrency: { type: 'integer', description: 'Requests worked on at the same time.', minimum: 1, maximum: 4096 },
      queue: { type: 'integer', description: 'Requests that may wait for their turn.', minimum: 0, maximum: 4096 },
    },
  },
}

/** Everything of `spark.config.yaml` that does not depend on a kind; `$defs.service` is added by `configSchema`. */
export const commonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'spark.config.yaml',
  description: 'The Sparks and the services on them.',
  type: 'object',
  required: ['hosts'],
  additionalProperties: false,
  properties: {
    name: text('Name of the cluster, shown on the page.', 60),
    demo: { type: 'boolean', description: 'The page says that nothing here is real.', default: false },
    ssh: {
      type: ['object', 'null'],
      description: 'How the Sparks are reached.',
      additionalProperties: false,
      properties: { key: path("Private key file to use instead of the controller's own; it must have no passphrase.") },
    },
    hosts: {
      type: 'object',
      description: 'The Sparks by id; any number.',
      minProperties: 1,
      maxProperties: 256,
      propertyNames: id,
      additionalProperties: { $ref: '#/$defs/host' },
    },
    services: {
      type: ['object', 'null'],
      description: 'What runs on them, by id.',
      maxProperties: 1024,
      propertyNames: id,
      additionalProperties: { $ref: '#/$defs/service' },
    },
    aliases: {
      type: ['object', 'null'],
      description: 'Names that apps may send in `model`, each for a recipe id, a model repo or a capability.',
      maxProperties: 1024,
      propertyNames: {
        pattern: namePattern,
        patternErrorMessage: 'use letters, digits, dots, dashes, colons or slashes',
      },
      additionalProperties: { type: 'string', minLength: 1, maxLength: 192 },
    },
    recipes: {
      type: ['array', 'null'],
      description:
        "Where more recipes come from besides `recipes/` and each Spark's launcher folder; the first of several with the same id is taken.",
      items: recipeSource,
      maxItems: 64,
    },
    models: {
      type: ['object', 'null'],
      description: 'How models get onto the Sparks.',
      additionalProperties: false,
      properties: {
        token: {
          type: ['string', 'null'],
          description:
            'Name of the secret that holds a Hugging Face token, for gated models; its value is set on the page and stands in no file of yours.',
          pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$',
          patternErrorMessage: 'write the name of the secret, for example HF_TOKEN, never the token itself',
        },
        hub: {
          type: ['string', 'boolean', 'null'],
          description: 'Address of the Hugging Face hub or of a mirror, asked by the Sparks; false: never asked.',
          pattern: '^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$',
          patternErrorMessage: 'write an address that begins with https://, or false',
          default: 'https://huggingface.co',
        },
      },
    },
    swap: {
      type: ['object', 'null'],
      description: 'What becomes of requests while a model changes.',
      additionalProperties: false,
      properties: {
        hold_s: {
          type: ['integer', 'null'],
          description: 'Seconds that a request waits for its model before it is told to come again.',
          minimum: 0,
          maximum: 600,
          default: 20,
        },
        drain_s: {
          type: ['integer', 'null'],
          description: 'Seconds that running requests have to finish before their model ends.',
          minimum: 0,
          maximum: 3600,
          default: 30,
        },
      },
    },
    webhooks: {
      type: ['array', 'null'],
      description: 'Who is told of swaps, and of hosts and services that fail or work again.',
      items: webhook,
      maxItems: 32,
    },
    guard: {
      type: ['object', 'null'],
      description: 'Who may open the page.',
      additionalProperties: false,
      properties: {
        allowed_hosts: {
          type: ['array', 'null'],
          description: 'Names under which this controller is opened in a browser, besides IP addresses and localhost.',
          items: {
            type: 'string',
            maxLength: 253,
            pattern: '^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$',
            patternErrorMessage: 'write the name alone, without http:// and without a port',
          },
          uniqueItems: true,
        },
      },
    },
  },
  $defs: { host, common: { type: 'object', properties: serviceProperties } },
}
