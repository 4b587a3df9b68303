namespace ServerlessImages.Pricing;

/// <summary>Model tokens of one call, as the upstream counts them.</summary>
public sealed record TokenUsage(long TextInput, long ImageInput, long Output)
{
    public static TokenUsage None { get; } = new(0, 0, 0);

    public long Input => TextInput + ImageInput;
    public long Total => Input + Output;
}
