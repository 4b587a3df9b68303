namespace ServerlessImages.Deployments;

/// <summary>
/// Who is next to choose a deployment of a model, on this instance: one at a time, and those who wait by start-time fair queueing, so that an account's burst takes
/// no more than its share while others wait too. Source: Goyal, Vin and Cheng, "Start-Time Fair Queuing" (1996).
/// </summary>
/// <remarks>In virtual time, a turn lasts 1 ÷ weight of its account. A turn that somebody no longer wants takes none.</remarks>
internal sealed class FairTurns(int waitingMax, int waitingMaxOfAccount, TimeProvider clock)
{
    /// <summary>Of the newest turn in the average.</summary>
    private const double NewestShare = 0.1;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Line> lines = new(StringComparer.Ordinal);
    private double virtualTime;
    private int waiting;
    private bool isTaken;
    private long lastEndedAt;

    /// <summary>How long after one another turns have ended lately while others waited: other instances take from the same deployments, and only this tells.</summary>
    public TimeSpan Interval { get; private set; }

    /// <param name="accepts">Told how many turns come before; says whether it wants to wait for them.</param>
    /// <returns>Null if it does not, or if there is no room.</returns>
    public Waiter? TryEnter(FairShare share, Func<double, bool> accepts)
    {
        lock (gate)
        {
            var line = lines.TryGetValue(share.Account, out var found) ? found : lines[share.Account] = new Line(share.Weight);
            var isRoom = !isTaken || (waiting < waitingMax && line.Waiters.Count < waitingMaxOfAccount);

            // The first of an account always waits: what is told of the others' pace may be long past.
            if (!isRoom || !(accepts(AheadOf(line)) || line.Waiters.Count == 0)) return null;

            var waiter = new Waiter(line);
            line.Waiters.AddLast(waiter);
            waiting++;
            if (!isTaken) Next();
            return waiter;
        }
    }

    /// <summary>Ends a turn.</summary>
    public void Leave(Waiter waiter)
    {
        lock (gate)
        {
            if (!waiter.HasTurn) return;
            if (waiting > 0) Interval = (Interval * (1 - NewestShare)) + (clock.GetElapsedTime(lastEndedAt) * NewestShare);
            lastEndedAt = clock.GetTimestamp();
            Next();
        }
    }

    /// <summary>Waits no longer for a turn; without effect once it is there.</summary>
    public void GiveUp(Waiter waiter)
    {
        lock (gate)
        {
            if (!waiter.IsWaiting) return;
            waiter.Line.Waiters.Remove(waiter);
            waiting--;
            waiter.End(hasTurn: false);
        }
    }

    private void Next()
    {
        if (waiting == 0)
        {
            // There is nobody to be fair to, and so nothing to remember.
            isTaken = false;
            virtualTime = 0;
            Interval = TimeSpan.Zero;
            lines.Clear();
            return;
        }

        var line = lines.Values.Where(each => each.Waiters.Count > 0).MinBy(StartOf)!;
        var next = line.Waiters.First!.Value;
        line.Waiters.RemoveFirst();
        waiting--;
        isTaken = true;
        virtualTime = StartOf(line);
        line.Finish = virtualTime + line.TurnLength;
        next.End(hasTurn: true);
    }

    /// <summary>Where the next turn of an account begins, in virtual time.</summary>
    private double StartOf(Line line) => Math.Max(virtualTime, line.Finish);

    /// <summary>How many turns come before that of another waiter in this line, if all others who wait now always do: its account's share decides, not who is in front just now.</summary>
    private double AheadOf(Line line)
    {
        if (!isTaken) return 0;
        var all = lines.Values.Where(each => each == line || each.Waiters.Count > 0).Sum(each => 1 / each.TurnLength);
        return (line.Waiters.Count + 1) * all * line.TurnLength;
    }

    /// <summary>Those of one account, in the order in which they came.</summary>
    internal sealed class Line(int weight)
    {
        public LinkedList<Waiter> Waiters { get; } = new();

        public double TurnLength => 1.0 / weight;

        /// <summary>When the account's last turn ends, in virtual time.</summary>
        public double Finish { get; set; }
    }

    internal sealed class Waiter(Line line)
    {
        private readonly TaskCompletionSource<bool> turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Line Line => line;

        /// <summary>Whether it has the turn; false if it gave up before.</summary>
        public Task<bool> Turn => turn.Task;

        public bool IsWaiting => !turn.Task.IsCompleted;

        public bool HasTurn => turn.Task is { IsCompletedSuccessfully: true, Result: true };

        public void End(bool hasTurn) => turn.SetResult(hasTurn);
    }
}

/// <summary>Whose a call is, and how much of the deployments is its, relative to others'.</summary>
public sealed record FairShare(string Account, int Weight);
