// What a connection runs through, as tests in a page see it: the Node side has it.
import type { Most } from "../../tests/support/cable.js";
import { ask, tell } from "./control.js";

export class Cable implements AsyncDisposable {
  private constructor(
    readonly id: number,
    readonly endpoint: string,
  ) {}

  static async to(target: string): Promise<Cable> {
    const { id, endpoint } = await ask<{ id: number; endpoint: string }>(0, "cable", target);
    return new Cable(id, endpoint);
  }

  get connections(): number {
    return tell(this.id, "get", "connections");
  }

  get traffic(): Most {
    return tell(this.id, "get", "traffic");
  }

  get heldBack(): number {
    return tell(this.id, "get", "heldBack");
  }

  set most({ down, up }: Most) {
    // JSON has no infinity.
    const most = (bytes: number): number => Math.min(bytes, Number.MAX_SAFE_INTEGER);
    tell(this.id, "set", "most", { down: most(down), up: most(up) });
  }

  set isDeaf(isDeaf: boolean) {
    tell(this.id, "set", "isDeaf", isDeaf);
  }

  set isOut(isOut: boolean) {
    tell(this.id, "set", "isOut", isOut);
  }

  cut(): void {
    tell(this.id, "cut");
  }

  cutHere(): void {
    tell(this.id, "cutHere");
  }

  hold(): void {
    tell(this.id, "hold");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return ask(this.id, "end");
  }
}
