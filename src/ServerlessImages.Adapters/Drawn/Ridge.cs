namespace ServerlessImages.Drawn;

/// <summary>The outline of a row of hills: octaves of random heights, joined by straight lines (rock) or soft ones (meadow).</summary>
internal sealed class Ridge
{
    private const int Octaves = 6;
    private const int Lattice = 64;
    private readonly float[] heights = new float[Octaves * Lattice];
    private readonly float rockiness;
    private readonly float hillsPerUnit;

    /// <param name="rockiness">0 is rolling, 1 is jagged.</param>
    /// <param name="hillsPerUnit">How many hills stand along the short edge of the picture.</param>
    public Ridge(PaintingRandom random, float rockiness, float hillsPerUnit)
    {
        this.rockiness = rockiness;
        this.hillsPerUnit = hillsPerUnit;
        for (var index = 0; index < heights.Length; index++) heights[index] = random.Next();
    }

    /// <param name="along">Where, in short edges of the picture from the left.</param>
    /// <returns>About 0, the foot, to 1, the highest peak.</returns>
    public float HeightAt(float along)
    {
        float sum = 0, weight = 1, weights = 0;
        var position = along * hillsPerUnit;
        for (var octave = 0; octave < Octaves; octave++)
        {
            sum += weight * Sample(octave, position);
            weights += weight;
            weight *= 0.2f + (0.28f * rockiness);
            position *= 2.07f;
        }

        return sum / weights;
    }

    private float Sample(int octave, float position)
    {
        var cell = (int)MathF.Floor(position);
        var share = position - cell;
        var soft = share * share * (3 - (2 * share));
        var blend = soft + ((share - soft) * rockiness);
        var from = heights[(octave * Lattice) + (cell % Lattice)];
        var to = heights[(octave * Lattice) + ((cell + 1) % Lattice)];
        return from + ((to - from) * blend);
    }
}
