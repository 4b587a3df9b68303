namespace ServerlessImages.Storage;

/// <summary>
/// The narrow store under every table: point read, range read in key order, and one atomic transaction within a partition.
/// Azure Tables in production, SQLite on one machine, memory in the simulation; one contract suite holds them all to this.
/// </summary>
/// <remarks>
/// Strongly consistent: a read that begins after a commit returned sees it. Keys are compared ordinally. No method retries a write.
/// Other exceptions than those named are faults after which nothing was applied: a missing table, a refused login, a bug.
/// </remarks>
public interface ITableStore
{
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    Task<Row?> FindAsync(string table, string partition, string key, CancellationToken cancel);

    /// <summary>The rows with <paramref name="from"/> ≤ key &lt; <paramref name="to"/> in ordinal order of the keys, at most <paramref name="limit"/> of them.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be asked.</exception>
    Task<IReadOnlyList<Row>> RangeAsync(string table, string partition, string from, string to, int limit, CancellationToken cancel);

    /// <summary>Applies all of the writes or none. Each row at most once, at most 100 rows (<see cref="StoreLimits"/>).</summary>
    /// <param name="cancel">Before the writes are sent it ends the call with nothing applied; afterwards it leaves their fate unknown.</param>
    /// <exception cref="WriteFateUnknownException">The writes may have been applied, may yet be, or may never be.</exception>
    Task<CommitResult> CommitAsync(string table, string partition, IReadOnlyList<RowWrite> writes, CancellationToken cancel);
}

/// <summary>Why a transaction was refused; nothing of it was applied.</summary>
public enum CommitRefusal
{
    None,

    /// <summary>An insert met a row.</summary>
    Exists,

    /// <summary>The row is not the version that was read.</summary>
    Changed,

    /// <summary>A replace or delete met no row.</summary>
    Missing,
}

/// <param name="WriteIndex">The write that was refused, or -1.</param>
/// <param name="ETags">The new version of each written row, in the order of the writes ("" for a delete); empty when refused.</param>
public sealed record CommitResult(CommitRefusal Refusal, int WriteIndex, IReadOnlyList<string> ETags)
{
    public bool Applied => Refusal == CommitRefusal.None;

    public static CommitResult Done(IReadOnlyList<string> etags) => new(CommitRefusal.None, -1, etags);

    public static CommitResult Refused(CommitRefusal refusal, int writeIndex) => new(refusal, writeIndex, []);
}

/// <summary>A write whose outcome is not known: only reading tells, and even "not there" may change a little later.</summary>
public sealed class WriteFateUnknownException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The store could not be read. Whoever needed the answer must refuse: nothing is sold on a guess.</summary>
public sealed class StoreUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
