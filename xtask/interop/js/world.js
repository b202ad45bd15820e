// Clients that count calls, calls that must fail, and the control endpoint.

import assert from "node:assert/strict";

export const REGION = "eu-central-1";
export const ACCOUNT = "222233334444";
export const NOWHERE = "00000000-0000-4000-8000-000000000000";
export const NOBODY = "11111111-0000-4000-8000-000000000000";
export const credentials = { accessKeyId: "AKIDINTEROP", secretAccessKey: "interop-secret" };

export const url = process.argv[2];

/** Sets the variables that `chime serve` prints. */
export function exportSettings() {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS: `${url}/chime-sdk-meetings`,
    AWS_ENDPOINT_URL_CHIME_SDK_MEDIA_PIPELINES: `${url}/chime-sdk-media-pipelines`,
    AWS_ENDPOINT_URL_STS: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
}

/** A service with its package, and a record of the operations called and the exceptions provoked. */
export class Service {
  constructor(name, sdk) {
    this.name = name;
    this.sdk = sdk;
    this.url = `${url}/${name}`;
    this.succeeded = new Set();
    this.met = new Map();
  }

  /** A client with one attempt for each call, so that every fault is visible. */
  client(Client, settings) {
    const made = new Client({ region: REGION, maxAttempts: 1, ...settings });
    const count = (next, { commandName }) => async (sent) => {
      const came = await next(sent);
      this.succeeded.add(commandName);
      return came;
    };
    made.middlewareStack.add(count, { step: "initialize", name: "count" });
    return made;
  }

  /** Makes a call that must fail with this exception. */
  async refused(exception, call) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof this.sdk[exception], `should be ${exception}, is ${error}`);
      assert.equal(error.RequestId, error.$metadata.requestId);
      return true;
    });
    this.met.set(exception, (this.met.get(exception) ?? 0) + 1);
  }

  /** Provokes every exception with a fault of its own call, or of the default call. */
  async faults(calls, others) {
    for (const Exception of this.exceptions()) {
      const [Operation, call] = calls[Exception] ?? others;
      const rule = { Service: this.name, Operation, Times: 1, Error: { Exception } };
      await control("PUT", "faults", { Faults: [rule] });
      await this.refused(Exception, call);
    }
    await control("PUT", "faults", {});
  }

  /** The exceptions that the package knows, without their common base. */
  exceptions() {
    const names = Object.keys(this.sdk).filter((name) => name.endsWith("Exception"));
    return names.filter((name) => !name.endsWith("ServiceException")).sort();
  }

  /** Fails if anything of the service was left out. */
  complete() {
    const commands = Object.keys(this.sdk).filter((name) => /^[A-Z].*Command$/.test(name));
    assert.deepEqual([...this.succeeded].sort(), commands.sort());
    assert.deepEqual([...this.met.keys()].sort(), this.exceptions());
  }
}

export async function control(method, target, body) {
  const headers = { Authorization: `Bearer ${process.env.CHIME_LOCAL_CONTROL_TOKEN}` };
  const sent = { method, headers, body: JSON.stringify(body) };
  const came = await fetch(`${url}/_chime/${target}`, sent);
  assert.ok(came.ok, `${method} /_chime/${target}: ${came.status}`);
}

/** Moves the clock on. */
export const advance = (Seconds) => control("POST", "clock/advance", { Seconds });

/** The line that `cargo xtask interop` reads. */
export function summary(services) {
  const errors = services.flatMap((service) => [...service.met.values()]);
  const operations = services.reduce((sum, service) => sum + service.succeeded.size, 0);
  return `${operations} operations, ${errors.reduce((sum, count) => sum + count, 0)} errors`;
}
