using System.Diagnostics.CodeAnalysis;

namespace ServerlessImages;

/// <summary>A value, or the refusal that the caller can act on. A class: a struct's default would be neither.</summary>
public sealed class Result<T>
    where T : notnull
{
    private readonly T? value;
    private readonly ApiError? error;

    private Result(T? value, ApiError? error) => (this.value, this.error) = (value, error);

    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ApiError? error)
    {
        value = this.value;
        error = this.error;
        return error is null;
    }

#pragma warning disable CA2225 // The conversions are the constructors; named twins would be a second way to do it.
    public static implicit operator Result<T>(T value) => new(value, null);
    public static implicit operator Result<T>(ApiError error) => new(default, error);
#pragma warning restore CA2225
}
