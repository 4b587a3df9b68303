namespace ServerlessImages.Storage;

/// <summary>A stored row. <paramref name="ETag"/> changes with every write, and never comes back.</summary>
public sealed record Row(string Partition, string Key, Columns Columns, string ETag);

public enum RowWriteKind
{
    /// <summary>Refused if the row exists.</summary>
    Insert,

    /// <summary>Refused if the row is missing, or is not the version of the ETag. Columns that are not named are removed.</summary>
    Replace,

    /// <summary>Inserts or replaces, whatever is there.</summary>
    Upsert,

    /// <summary>Refused if the row is missing, or is not the version of the ETag.</summary>
    Delete,
}

/// <summary>One row's part of a transaction.</summary>
public sealed record RowWrite
{
    private RowWrite(RowWriteKind kind, string key, Columns columns, string etag) => (Kind, Key, Columns, ETag) = (kind, key, columns, etag);

    public RowWriteKind Kind { get; }
    public string Key { get; }
    public Columns Columns { get; }
    public string ETag { get; }

    public static RowWrite Insert(string key, Columns columns) => new(RowWriteKind.Insert, key, columns, "");
    public static RowWrite Replace(string key, Columns columns, string etag) => new(RowWriteKind.Replace, key, columns, etag);
    public static RowWrite Upsert(string key, Columns columns) => new(RowWriteKind.Upsert, key, columns, "");
    public static RowWrite Delete(string key, string etag) => new(RowWriteKind.Delete, key, [], etag);

    /// <summary>The precondition of this write, for the stores that decide it themselves.</summary>
    /// <param name="storedETag">The version of the row that is there, or null if there is none.</param>
    public CommitRefusal RefusalAgainst(string? storedETag) => Kind switch
    {
        RowWriteKind.Insert => storedETag is null ? CommitRefusal.None : CommitRefusal.Exists,
        RowWriteKind.Upsert => CommitRefusal.None,
        _ when storedETag is null => CommitRefusal.Missing,
        _ => storedETag == ETag ? CommitRefusal.None : CommitRefusal.Changed,
    };
}
