/** The parts of NestJS and BullMQ that the examples use. */

export const Injectable = () => (): void => undefined;
export const Inject = (_token: symbol) => (): void => undefined;
export const Module = (metadata: object) => (target: object) => void Object.assign(target, { metadata });

export interface Job<Data> {
  readonly data: Data;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
}

export class DelayedError extends Error {}

export class Queue {
  constructor(
    readonly name: string,
    readonly options: object,
  ) {}
}

export class Worker<Data> {
  constructor(
    readonly name: string,
    readonly process: (job: Job<Data>, token?: string) => Promise<void>,
    readonly options: object,
  ) {}
}
