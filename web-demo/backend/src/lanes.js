// A small number of jobs at a time per queue, first come first served.

/** @param {Record<string, number>} sizes jobs at a time, by queue */
export function createLanes(sizes) {
  const lanes = new Map(Object.entries(sizes).map(([name, size]) => [name, { size, running: 0, waiting: [] }]));

  function next(lane) {
    while (lane.running < lane.size && lane.waiting.length) {
      const { task } = lane.waiting.shift();
      lane.running += 1;
      Promise.resolve().then(task).finally(() => { lane.running -= 1; next(lane); });
    }
  }

  return {
    /** `task` must not reject. */
    add(queue, id, task) {
      const lane = lanes.get(queue);
      lane.waiting.push({ id, task });
      next(lane);
    },
    /** Takes a waiting job out; false when it is not waiting (any more). */
    remove(id) {
      for (const lane of lanes.values()) {
        const at = lane.waiting.findIndex((entry) => entry.id === id);
        if (at >= 0) return lane.waiting.splice(at, 1).length === 1;
      }
      return false;
    },
    get waiting() { return [...lanes.values()].reduce((sum, lane) => sum + lane.waiting.length, 0); },
  };
}
