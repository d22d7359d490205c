/** The parts of NestJS and BullMQ that the examples use. */
const ignore = (..._parameters: unknown[]): void => undefined;
export const Injectable = () => ignore;
export const Inject = (_token: symbol) => ignore;
export function Module(metadata: object) {
  return (target: object): void => void Object.assign(target, { metadata });
}

export type Job<Data> = { data: Data; moveToDelayed(timestamp: number, token?: string): Promise<void> };
type Processor<Data> = (job: Job<Data>, token?: string) => Promise<void>;
export class DelayedError extends Error {
  override name = "DelayedError";
}
export class Queue {
  constructor(..._parameters: [name: string, options: object]) {}
}
export class Worker<Data> {
  readonly process: Processor<Data>;
  constructor(_name: string, process: Processor<Data>, _options: object) {
    this.process = process;
  }
}
